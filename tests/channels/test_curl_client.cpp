// SPDX-License-Identifier: MIT
#include "channels/net/http_client.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/loopback_server.hpp"
#include "tests/support/temp_home.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <thread>

namespace mcp_push {
namespace {

using Answer = LoopbackServer::Answer;
using Failure = HttpReply::Failure;
using Manner = LoopbackServer::Answer::Manner;

HttpOptions quick() {
    HttpOptions options;
    options.timeout = Millis(5000);
    options.connect_timeout = Millis(2000);
    return options;
}

std::unique_ptr<HttpClient> client_of(const HttpOptions& options = quick(), Environment::Map environment = {}) {
    auto client = make_curl_client(options, Environment(std::move(environment)));
    REQUIRE(client.ok());
    return std::move(client).value();
}

HttpRequest post(std::string url, std::string body = "x") {
    HttpRequest request;
    request.url = std::move(url);
    request.body = std::move(body);
    return request;
}

/// Sends one request and works until it is answered.
HttpReply send(HttpClient& client, HttpRequest request) {
    std::optional<HttpReply> reply;
    client.start(std::move(request), [&](HttpReply answer) { reply = std::move(answer); });
    CHECK_FALSE(reply); // only run_for calls back
    while (!reply)
        client.run_for(Millis(10'000));
    CHECK(client.in_flight() == 0);
    return *reply;
}

HttpReply probe(HttpClient& client, HttpRequest request) {
    std::optional<HttpReply> reply;
    client.probe(std::move(request), [&](HttpReply answer) { reply = std::move(answer); });
    while (!reply)
        client.run_for(Millis(10'000));
    return *reply;
}

LoopbackServer::Handler always(Answer answer) {
    return [answer = std::move(answer)](const LoopbackServer::Request&) { return answer; };
}

TEST_CASE("curl: a request arrives as it was planned, and the answer comes back whole") {
    LoopbackServer server(always({.status = 201, .headers = {{"X-Reply", "yes"}}, .body = "thanks"}));
    const auto client = client_of();
    auto request = post(server.url("/hook?a=%20b"), "{\"title\":\"done\"}");
    request.method = "PUT";
    request.headers = {{"Content-Type", "application/json"}, {"X-Empty", ""}, {"X-Name", "\xe4\xbb\xbb"}};
    const auto reply = send(*client, request);
    CHECK(reply.status == 201);
    CHECK(reply.body == "thanks");
    CHECK(reply.failure == Failure::none);
    REQUIRE(find_header(reply.headers, "x-reply") != nullptr);
    CHECK(*find_header(reply.headers, "x-reply") == "yes");
    REQUIRE(server.requests().size() == 1);
    const auto seen = server.requests()[0];
    CHECK(seen.method == "PUT");
    CHECK(seen.target == "/hook?a=%20b");
    CHECK(seen.body == "{\"title\":\"done\"}");
    CHECK(seen.header("content-type") == "application/json");
    CHECK(seen.header("x-name") == "\xe4\xbb\xbb");
    CHECK(seen.header("expect").empty());
}

TEST_CASE("curl: GET carries no body and no content type; POST without a body says that it is empty") {
    LoopbackServer server(always({}));
    const auto client = client_of();
    auto get = post(server.url("/get"), "");
    get.method = "GET";
    CHECK(send(*client, get).status == 200);
    CHECK(send(*client, post(server.url("/post"), "")).status == 200);
    auto get_with_body = post(server.url("/both"), "q");
    get_with_body.method = "GET";
    CHECK(send(*client, get_with_body).status == 200);
    const auto seen = server.requests();
    REQUIRE(seen.size() == 3);
    CHECK(seen[0].method == "GET");
    CHECK(seen[0].header("content-length").empty());
    CHECK(seen[0].header("content-type").empty());
    CHECK(seen[1].header("content-length") == "0");
    CHECK(seen[1].header("content-type").empty());
    CHECK(seen[2].method == "GET");
    CHECK(seen[2].body == "q");
}

TEST_CASE("curl: one connection serves requests that follow each other, and fifty at once go out together") {
    LoopbackServer server(always({.delay = Millis(100)}));
    const auto client = client_of();
    for (int i = 0; i < 3; ++i)
        CHECK(send(*client, post(server.url())).status == 200);
    CHECK(server.connections() == 1);
    int done = 0;
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 50; ++i) {
        client->start(post(server.url("/" + std::to_string(i))), [&](const HttpReply& reply) {
            CHECK(reply.status == 200);
            ++done;
        });
    }
    CHECK(client->in_flight() == 50);
    while (client->in_flight() > 0)
        client->run_for(Millis(10'000));
    CHECK(done == 50);
    // One after the other would take five seconds.
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(3));
}

TEST_CASE("curl: what was never sent is told apart from what was sent without an answer") {
    const auto failure = [](Answer answer, Millis limit = Millis(5000)) {
        LoopbackServer server(always(std::move(answer)));
        auto options = quick();
        options.timeout = limit;
        const auto client = client_of(options);
        const auto reply = send(*client, post(server.url("/bot123:SECRET/send")));
        CHECK(reply.status == 0);
        CHECK_FALSE(reply.error.empty());
        CHECK(reply.error.find("SECRET") == std::string::npos);
        CHECK(reply.error.find("127.0.0.1") == std::string::npos);
        return reply.failure;
    };
    CHECK(failure({.manner = Manner::hang}, Millis(300)) == Failure::timed_out);
    CHECK(failure({.body = std::string(1000, 'a'), .manner = Manner::hang_in_body}, Millis(300)) == Failure::timed_out);
    CHECK(failure({.manner = Manner::close_at_once}) == Failure::cut);
    CHECK(failure({.body = "twelve bytes", .manner = Manner::cut_after_headers}) == Failure::cut);
    CHECK(failure({.body = "SSH-2.0-OpenSSH_9\r\n", .manner = Manner::raw}) == Failure::cut);

    const auto client = client_of();
    CHECK(send(*client, post("http://127.0.0.1:" + std::to_string(closed_port()))).failure == Failure::no_network);
    CHECK(send(*client, post("http://no-such-host.invalid/")).failure == Failure::no_network);
    LoopbackServer silent(always({}), LoopbackServer::Accept::silent);
    auto to_silent = post("https://127.0.0.1:" + std::to_string(silent.port()));
    to_silent.timeout = Millis(300);
    CHECK(send(*client, to_silent).failure == Failure::timed_out_before_sending);
}

TEST_CASE("curl: a refusal is an answer even when its body is cut short") {
    LoopbackServer server(always({.status = 401, .body = "denied", .manner = Manner::cut_after_headers}));
    const auto client = client_of();
    const auto reply = send(*client, post(server.url()));
    CHECK(reply.status == 401);
    CHECK(reply.failure == Failure::none);
}

TEST_CASE("curl: a connection that died while it was idle costs nothing") {
    int count = 0;
    LoopbackServer server([&](const LoopbackServer::Request&) {
        Answer answer;
        if (++count == 1) {
            answer.manner = Manner::raw; // answers, then closes without saying so
            answer.body = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        }
        return answer;
    });
    const auto client = client_of();
    CHECK(send(*client, post(server.url())).status == 200);
    CHECK(send(*client, post(server.url())).status == 200);
    CHECK(server.requests().size() == 2);
}

TEST_CASE("curl: a huge answer is cut at 256 KiB") {
    LoopbackServer server(always({.body = std::string(8 << 20, 'a')}));
    const auto client = client_of();
    const auto reply = send(*client, post(server.url()));
    CHECK(reply.status == 200);
    CHECK(reply.body.size() == 256 * 1024);
}

TEST_CASE("curl: headers of interim answers are not the answer's") {
    LoopbackServer server(always({.body = "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 429 "
                                          "Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n",
                                  .manner = Manner::raw}));
    const auto client = client_of();
    const auto reply = send(*client, post(server.url()));
    CHECK(reply.status == 429);
    CHECK(find_header(reply.headers, "link") == nullptr);
    CHECK(retry_after(reply) == Millis(7000));
}

TEST_CASE("curl: a redirected POST is not followed unless asked, and then keeps its body") {
    LoopbackServer server([](const LoopbackServer::Request& request) {
        Answer answer;
        if (request.target == "/old") {
            answer.status = 302;
            answer.headers = {{"Location", "/new"}};
        }
        return answer;
    });
    const auto client = client_of();
    CHECK(send(*client, post(server.url("/old"), "body")).status == 302);
    auto follow = post(server.url("/old"), "body");
    follow.follow_redirects = true;
    CHECK(send(*client, follow).status == 200);
    const auto seen = server.requests();
    REQUIRE(seen.size() == 3);
    CHECK(seen[2].target == "/new");
    CHECK(seen[2].method == "POST");
    CHECK(seen[2].body == "body");
}

TEST_CASE("curl: an address, method or header that cannot be used is refused without a connection") {
    LoopbackServer server(always({}));
    const auto client = client_of();
    CHECK(send(*client, post("not an address")).failure == Failure::bad_request);
    CHECK(send(*client, post("file:///etc/passwd")).failure == Failure::bad_request);
    CHECK(send(*client, post("")).failure == Failure::bad_request);
    auto split = post(server.url());
    split.headers = {{"X-Title", "a\r\nX-Injected: b"}};
    CHECK(send(*client, split).failure == Failure::bad_request);
    split.headers = {{"X Title", "a"}};
    CHECK(send(*client, split).failure == Failure::bad_request);
    split.headers.clear();
    split.method = "GET /other HTTP/1.1\r\nX: ";
    CHECK(send(*client, split).failure == Failure::bad_request);
    CHECK(server.connections() == 0);
}

TEST_CASE("curl: a certificate is trusted through [http] ca_file, CURL_CA_BUNDLE or SSL_CERT_FILE, and only so") {
    const Certificates certificates;
    LoopbackServer server(always({}), LoopbackServer::Accept::tls, certificates.certificate, certificates.key);
    {
        const auto client = client_of();
        const auto reply = send(*client, post(server.url()));
        CHECK(reply.failure == Failure::tls);
        CHECK(reply.error.find("certificate") != std::string::npos);
        CHECK(probe(*client, post(server.url())).failure == Failure::tls);
    }
    auto options = quick();
    options.ca_file = certificates.authority;
    const auto configured = client_of(options);
    CHECK(send(*configured, post(server.url())).status == 200);
    CHECK(send(*client_of(quick(), {{"CURL_CA_BUNDLE", certificates.authority}}), post(server.url())).status == 200);
    CHECK(send(*client_of(quick(), {{"SSL_CERT_FILE", certificates.authority}}), post(server.url())).status == 200);
    // The name counts, not only who signed it.
    const auto other_name = send(*configured, post("https://127.0.0.1:" + std::to_string(server.port())));
    CHECK(other_name.failure == Failure::tls);
    CHECK(other_name.error.find("127.0.0.1") == std::string::npos);
    options.ca_file = "/no/such/file.pem";
    const auto unreadable = send(*client_of(options), post(server.url()));
    CHECK(unreadable.failure == Failure::tls);
    CHECK(server.requests().size() == 3);
}

TEST_CASE("curl: TLS to a port that speaks plain HTTP sends nothing that could have arrived") {
    LoopbackServer plain(always({.status = 400}));
    const auto client = client_of();
    auto request = post("https://127.0.0.1:" + std::to_string(plain.port()));
    request.timeout = Millis(300);
    CHECK(send(*client, request).failure == Failure::timed_out_before_sending);
    CHECK(plain.requests().empty());
}

TEST_CASE("curl: proxies are taken from the channel, the configuration, or the environment as curl reads it") {
    LoopbackServer proxy(always({.status = 202}));
    LoopbackServer direct(always({.status = 200}));
    const auto through = proxy.url("");
    const auto status = [&](const HttpOptions& options, Environment::Map environment, std::string own = {}) {
        auto request = post(direct.url("/x"));
        request.proxy = std::move(own);
        return send(*client_of(options, std::move(environment)), request).status;
    };
    auto configured = quick();
    configured.proxy = through;
    CHECK(status(quick(), {}) == 200);
    CHECK(status(quick(), {{"http_proxy", through}}) == 202);
    CHECK(status(quick(), {{"HTTP_PROXY", through}}) == 200); // not in capitals, as curl
    CHECK(status(quick(), {{"HTTPS_PROXY", through}}) == 200);
    CHECK(status(quick(), {{"ALL_PROXY", through}}) == 202);
    CHECK(status(quick(), {{"http_proxy", through}, {"NO_PROXY", "localhost,127.0.0.1"}}) == 200);
    CHECK(status(configured, {}) == 202);
    CHECK(status(configured, {{"no_proxy", "127.0.0.1"}}) == 200);
    CHECK(status(quick(), {}, through) == 202);
    CHECK(status(quick(), {{"no_proxy", "*"}}, through) == 202); // the channel's own knows no exceptions
    CHECK(status(configured, {}, "none") == 200);
    CHECK(proxy.requests().at(0).target == direct.url("/x"));
}

TEST_CASE("curl: a proxy that refuses or hangs has let nothing through") {
    LoopbackServer refusing(always({.status = 403}));
    LoopbackServer hanging(always({.manner = Manner::hang}));
    const auto client = client_of();
    auto request = post("https://service.invalid/bot");
    request.proxy = refusing.url("");
    auto reply = send(*client, request);
    CHECK(reply.failure == Failure::no_network);
    CHECK(reply.error.find("403") != std::string::npos);
    CHECK(refusing.requests().at(0).method == "CONNECT");
    request.proxy = hanging.url("");
    request.timeout = Millis(300);
    reply = send(*client, request);
    CHECK(reply.failure == Failure::timed_out_before_sending);
    request.proxy = "http://user:hunter2@no-such-proxy.invalid:3128";
    reply = send(*client, request);
    CHECK(reply.failure == Failure::no_network);
    CHECK(reply.error.find("hunter2") == std::string::npos);
}

TEST_CASE("curl: a probe opens a connection and sends nothing") {
    LoopbackServer server(always({}));
    const auto client = client_of();
    const auto reply = probe(*client, post(server.url()));
    CHECK(reply.failure == Failure::none);
    CHECK(reply.status == 0);
    CHECK(probe(*client, post("http://127.0.0.1:" + std::to_string(closed_port()))).failure == Failure::no_network);
    CHECK(server.requests().empty());
    CHECK(send(*client, post(server.url())).status == 200);
}

TEST_CASE("curl: run_for returns when the descriptor becomes readable, also while a request is out") {
    LoopbackServer server(always({.manner = Manner::hang}));
    const auto client = client_of();
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    const auto returns_soon = [&] {
        const auto began = std::chrono::steady_clock::now();
        client->run_for(Millis(60'000), ends[0]);
        return std::chrono::steady_clock::now() - began < std::chrono::seconds(30);
    };
    REQUIRE(::write(ends[1], "!", 1) == 1);
    CHECK(returns_soon());
    auto request = post(server.url());
    request.timeout = Millis(3'600'000);
    bool done = false;
    client->start(request, [&](const HttpReply&) { done = true; });
    CHECK(returns_soon());
    CHECK_FALSE(done);
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST_CASE("curl: cancelling tells of each request whether it may have arrived") {
    LoopbackServer hanging(always({.manner = Manner::hang}));
    LoopbackServer silent(always({}), LoopbackServer::Accept::silent);
    const auto client = client_of();
    std::vector<Failure> failures(2, Failure::none);
    client->start(post(hanging.url()), [&](const HttpReply& reply) { failures[0] = reply.failure; });
    client->start(post("https://127.0.0.1:" + std::to_string(silent.port())),
                  [&](const HttpReply& reply) { failures[1] = reply.failure; });
    while (hanging.requests().empty() || silent.connections() == 0)
        client->run_for(Millis(5));
    client->cancel_all();
    CHECK(failures == std::vector{Failure::cut, Failure::no_network});
    CHECK(client->in_flight() == 0);
}

TEST_CASE("curl: an answer may start the next request from within its callback") {
    LoopbackServer server(always({}));
    const auto client = client_of();
    int answers = 0;
    HttpClient::Done next = [&](const HttpReply&) {
        if (++answers < 3) client->start(post(server.url()), next);
    };
    client->start(post(server.url()), next);
    while (client->in_flight() > 0)
        client->run_for(Millis(1000));
    CHECK(answers == 3);
}

} // namespace
} // namespace mcp_push
