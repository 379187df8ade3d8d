// SPDX-License-Identifier: MIT
// What may come in place of a service's answer, whichever service it is.
#include "tests/channels/services_kit.hpp"
#include "tests/support/certificates.hpp"

#include <memory>

using namespace mcp_push;
using namespace mcp_push::robots;
using kit::contains;
using std::chrono::seconds;

namespace {

using Manner = Answer::Manner;

/// All of them as channels of one world, each with a service of its own.
struct AllRobots {
    ServiceWorld world;
    struct One {
        Robot robot;
        std::unique_ptr<FakeRobot> service;
        [[nodiscard]] bool is_webhook() const { return robot.type == "custom_notify"; }
    };
    std::vector<One> all;

    explicit AllRobots(const HttpOptions& options = {}, const Certificates* tls = nullptr) : world(options) {
        world.secrets.clear();
        for (auto& robot : all_robots()) {
            auto service = tls == nullptr
                               ? std::make_unique<FakeRobot>(world.clock, robot.service)
                               : std::make_unique<FakeRobot>(world.clock, robot.service, tls->certificate, tls->key);
            auto settings = robot.settings;
            settings[robot.address_key] = service->url(robot.path);
            world.add(robot.type, std::move(settings));
            world.secrets.push_back(robot.secret);
            all.push_back({std::move(robot), std::move(service)});
        }
    }
    /// The next request of each is answered so.
    void next(const Answer& answer) {
        for (const auto& one : all)
            one.service->next({answer});
    }
    [[nodiscard]] std::size_t shown() const {
        std::size_t count = 0;
        for (const auto& one : all)
            count += one.service->shown().size();
        return count;
    }
    [[nodiscard]] std::size_t requests() const {
        std::size_t count = 0;
        for (const auto& one : all)
            count += one.service->requests().size();
        return count;
    }
    void check_delivered(const std::string& id, int attempts) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            CAPTURE(all[i].robot.type);
            CHECK(world.row(id, i).state == DeliveryState::delivered);
            CHECK(world.row(id, i).attempts == attempts);
        }
    }
    [[nodiscard]] OutcomeKind first_outcome(const std::string& id, std::size_t index) {
        return must(world.store->attempts_of(world.row(id, index).id)).at(0).outcome;
    }
};

/// One of them alone in its world.
struct OneRobot {
    ServiceWorld world;
    FakeRobot service;
    explicit OneRobot(const Robot& robot) : service(world.clock, robot.service) {
        auto settings = robot.settings;
        settings[robot.address_key] = service.url(robot.path);
        world.configure(robot.type, std::move(settings));
        world.secrets = {robot.secret};
    }
};

#define FOR_EVERY_CHAT_ROBOT(robot)                                                                                    \
    for (const auto& robot : all_robots())                                                                             \
        if (INFO("channel " << robot.type); robot.type != "custom_notify")

/// Long enough for three parts everywhere.
std::string long_text(const Robot& robot) {
    const bool long_messages = robot.type == "dingding_bot" || robot.type == "feishu_bot";
    return numbered_lines(long_messages ? 2'500 : 600, "of a long text 中文");
}

} // namespace

TEST_CASE("services: each takes the message of a finished turn, in one attempt") {
    AllRobots robots;
    const auto id = robots.world.keep_turn();
    robots.world.pass();
    robots.check_delivered(id, 1);
    for (const auto& one : robots.all) {
        CAPTURE(one.robot.type);
        REQUIRE(one.service->shown().size() == 1);
        const auto shown = one.service->shown()[0];
        CHECK(contains(shown.title + shown.text, "Task finished"));
        CHECK(contains(shown.title + shown.text, "parser"));
        CHECK(contains(shown.text, "All tests pass."));
    }
    CHECK(robots.world.lines.empty());
    robots.world.check_no_secret(id);
}

TEST_CASE("services: trouble of the service's or of the network costs time, and never the message") {
    using enum OutcomeKind;
    struct Case {
        const char* name;
        Answer answer;
        OutcomeKind robot;
        OutcomeKind webhook;
        std::string_view words; ///< in what is told, where it was no success
    };
    const std::string page = "<!DOCTYPE html><html><body>Please log in to the network</body></html>";
    const std::string good = R"({"ok":true,"errcode":0,"code":0})";
    const std::vector<Case> cases = {
        // First: a connection that was used before and closes without an answer is tried once more by libcurl itself.
        {"closed", {.manner = Manner::close_at_once}, ambiguous, ambiguous, "closed without an answer"},
        {"500", says(500, "oops"), transient, transient, "HTTP 500"},
        {"502 page", says(502, page, {{"Content-Type", "text/html"}}), transient, transient, "HTTP 502"},
        {"504", says(504), transient, transient, "HTTP 504"},
        {"408", says(408), transient, transient, "HTTP 408"},
        {"empty body", says(200), ambiguous, accepted, "without a body"},
        {"half JSON", says(200, "{\"ok\":tru"), ambiguous, accepted, "cannot be understood"},
        {"JSON of others", says(200, "{\"hello\":1}"), ambiguous, accepted, "cannot be understood"},
        {"array", says(200, "[0]"), ambiguous, accepted, "cannot be understood"},
        {"page", says(200, page), transient, accepted, "a page in place of the service's answer"},
        {"cut", {.body = good, .manner = Manner::cut_after_headers}, ambiguous, ambiguous, "middle of the answer"},
        {"reset", {.body = good, .manner = Manner::reset_in_body}, ambiguous, ambiguous, "the connection broke"},
        {"no HTTP", {.body = "SSH-2.0-OpenSSH_9.2\r\n", .manner = Manner::raw}, ambiguous, ambiguous, "not HTTP"},
    };
    AllRobots robots;
    auto& world = robots.world;
    for (const auto& entry : cases) {
        CAPTURE(entry.name);
        world.clock.advance(seconds(60)); // every channel's own budget is free
        const auto before = robots.shown();
        robots.next(entry.answer);
        const auto id = world.keep_turn();
        const auto began = world.clock.now();
        world.pass();
        std::size_t refused = 0;
        for (std::size_t i = 0; i < robots.all.size(); ++i) {
            CAPTURE(robots.all[i].robot.type);
            const bool webhook = robots.all[i].is_webhook();
            const auto kind = webhook ? entry.webhook : entry.robot;
            CHECK(robots.first_outcome(id, i) == kind);
            if (is_success(kind)) continue;
            ++refused;
            const auto row = world.row(id, i);
            CHECK(row.state == DeliveryState::waiting);
            CHECK(contains(row.last_detail, entry.words));
            // What may have arrived is not sent again at once, unless the receiver knows a repeated one by its key.
            const bool pauses = kind == ambiguous && !webhook;
            CHECK(row.next - began >= (pauses ? Millis(54'000) : Millis(1'800)));
            CHECK(row.next - began <= (pauses ? Millis(66'000) : Millis(2'200)));
        }
        CHECK(robots.shown() == before);
        world.check_no_secret(id);
        world.pass_after(Millis(1'799));
        CHECK(robots.shown() == before);
        world.pass_after(seconds(66));
        CHECK(robots.shown() == before + refused);
        for (const auto& row : must(world.store->deliveries_of(id)))
            CHECK(row.state == DeliveryState::delivered);
    }
}

TEST_CASE("services: an answer that does not come in time may be of a message that has arrived") {
    AllRobots robots;
    auto& world = robots.world;
    const auto unhurried = world.config.channels;
    for (const auto manner : {Manner::hang, Manner::hang_in_body}) {
        robots.next({.body = "{\"ok\":true,\"errcode\":0}", .manner = manner});
        for (auto& channel : world.config.channels)
            channel.settings["timeout"] = "300ms";
        const auto id = world.keep_turn();
        world.pass();
        for (std::size_t i = 0; i < robots.all.size(); ++i) {
            CAPTURE(robots.all[i].robot.type);
            const auto row = world.row(id, i);
            CHECK(row.state == DeliveryState::waiting);
            CHECK(robots.first_outcome(id, i) == OutcomeKind::ambiguous);
            CHECK(contains(row.last_detail, "no whole answer in time"));
            CHECK_FALSE(row.wants_network);
        }
        world.check_no_secret(id);
        world.config.channels = unhurried;
        world.pass_after(seconds(66));
        robots.check_delivered(id, 2);
    }
}

TEST_CASE("services: a redirect is not followed with the secrets: a person is told that the service has moved") {
    AllRobots robots;
    FakeRobot elsewhere(robots.world.clock, Endpoint{});
    for (const int status : {301, 302, 307, 308}) {
        CAPTURE(status);
        robots.next(says(status, "", {{"Location", elsewhere.url("/hook")}}));
        const auto id = robots.world.keep_turn();
        robots.world.pass();
        for (const auto& row : must(robots.world.store->deliveries_of(id))) {
            CHECK(row.state == DeliveryState::dead);
            CHECK(contains(row.last_remedy, "the service has moved"));
        }
        robots.world.check_no_secret(id);
    }
    CHECK(elsewhere.requests().empty());
}

TEST_CASE("services: 429 and 503 say when: nothing is sent to the channel before, and then at that moment") {
    AllRobots robots;
    auto& world = robots.world;
    const std::vector<std::pair<Answer, seconds>> cases = {
        {says(429, "slow down", {{"Retry-After", "90"}}), seconds(90)},
        {says(503, "slow down", {{"Retry-After", "90"}}), seconds(90)},
        // A date counts by the service's own clock.
        {says(429, "", {{"Date", "Tue, 14 Nov 2000 00:00:00 GMT"}, {"Retry-After", "Tue, 14 Nov 2000 00:02:00 GMT"}}),
         seconds(120)},
    };
    for (const auto& [answer, wait] : cases) {
        world.clock.advance(seconds(60));
        robots.next(answer);
        const auto id = world.keep_turn();
        const auto began = world.clock.now();
        world.pass();
        for (const auto& row : must(world.store->deliveries_of(id))) {
            CHECK(row.state == DeliveryState::waiting);
            CHECK(row.next == began + wait);
        }
        const auto requests = robots.requests();
        world.pass_after(wait - Millis(1));
        CHECK(robots.requests() == requests);
        world.pass_after(Millis(1));
        robots.check_delivered(id, 2);
    }
}

TEST_CASE("services: a certificate nobody vouches for is refused by name, before a secret is sent; ca_file vouches") {
    const Certificates certificates;
    AllRobots stranger({}, &certificates);
    const auto refused = stranger.world.keep_turn();
    stranger.world.pass();
    for (const auto& row : must(stranger.world.store->deliveries_of(refused))) {
        CHECK(row.state == DeliveryState::waiting);
        CHECK(row.wants_network);
        CHECK(contains(row.last_detail, "the certificate cannot be trusted"));
        CHECK(contains(row.last_remedy, "ca_file"));
    }
    CHECK(stranger.requests() == 0);
    stranger.world.check_no_secret(refused);

    HttpOptions options;
    options.ca_file = certificates.authority;
    AllRobots known(options, &certificates);
    const auto id = known.world.keep_turn();
    known.world.pass();
    known.check_delivered(id, 1);
    CHECK(known.shown() == known.all.size());
}

TEST_CASE("services: a long message comes in numbered parts, and a failure in between sends no part twice") {
    FOR_EVERY_CHAT_ROBOT(robot) {
        OneRobot one(robot);
        // The first part passes, the second meets trouble twice.
        one.service.next({std::nullopt, says(500), says(503)});
        const auto id = one.world.keep_text("A long one", long_text(robot));
        one.world.pass();
        CHECK(one.service.shown().size() == 1);
        CHECK(one.world.row(id).state == DeliveryState::waiting);
        one.world.pass_after(seconds(3));
        CHECK(one.service.shown().size() == 1);
        one.world.pass_after(seconds(10));
        CHECK(one.world.row(id).state == DeliveryState::delivered);
        CHECK(one.world.row(id).attempts == 3);
        const auto shown = one.service.shown();
        REQUIRE(shown.size() == 3);
        int last = 0;
        for (std::size_t part = 0; part < shown.size(); ++part) {
            const auto& text = shown[part].text;
            CHECK(contains(shown[part].title + text, std::to_string(part + 1) + "/3"));
            for (auto at = text.find("line "); at != std::string::npos; at = text.find("line ", at + 5)) {
                const int line = std::atoi(text.c_str() + at + 5);
                CHECK(line == last + 1);
                last = line;
            }
        }
        CHECK(last >= 50);
        one.world.check_no_secret(id);
    }
}

TEST_CASE("services: the second of three parts waits a minute where it may have arrived") {
    FOR_EVERY_CHAT_ROBOT(robot) {
        OneRobot one(robot);
        one.service.next({std::nullopt, Answer{.body = "{}", .manner = Manner::reset_in_body}});
        const auto id = one.world.keep_text("A long one", long_text(robot));
        one.world.pass();
        one.world.pass_after(seconds(50));
        CHECK(one.service.shown().size() == 1);
        one.world.pass_after(seconds(20));
        CHECK(one.world.row(id).state == DeliveryState::delivered);
        CHECK(one.service.shown().size() == 3);
    }
}
