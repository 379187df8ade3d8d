// SPDX-License-Identifier: MIT
// The only file that knows libcurl.
#include "channels/net/http_client.hpp"
#include "channels/net/proxy.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace mcp_push {
namespace {

constexpr std::size_t k_most_body = 256 * 1024;
constexpr std::size_t k_idle_handles = 64;
constexpr long k_kept_connections = 64;

struct CloseEasy {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct CloseMulti {
    void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, CloseEasy>;
using Multi = std::unique_ptr<CURLM, CloseMulti>;
using List = std::unique_ptr<curl_slist, FreeList>;

struct Transfer {
    Easy easy;
    List headers;
    HttpRequest request;
    HttpReply reply;
    HttpClient::Done done;
    std::array<char, CURL_ERROR_SIZE> error{};
    bool sending = false; ///< a connection stands and the request is going out on it
    bool full = false;    ///< the answer is longer than we keep; the rest is not read
};

std::size_t on_body(char* data, std::size_t, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    auto& body = transfer.reply.body;
    body.append(data, std::min(count, k_most_body - body.size()));
    transfer.full = body.size() == k_most_body;
    return transfer.full ? 0 : count;
}

std::size_t on_header(char* data, std::size_t, std::size_t count, void* user) {
    auto& reply = static_cast<Transfer*>(user)->reply;
    const std::string_view line = trim(std::string_view(data, count));
    if (line.starts_with("HTTP/")) {
        reply.headers.clear(); // an interim answer (1xx) or a redirect came before
    } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
        reply.headers.push_back({std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1)))});
    }
    return count;
}

/// libcurl calls this when the connection stands, after a proxy's and TLS's handshakes, just before the request.
int on_sending(void* user, char*, char*, int, int) {
    static_cast<Transfer*>(user)->sending = true;
    return CURL_PREREQFUNC_OK;
}

bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
        return c > 0x20 && c < 0x7f &&
               std::string_view("()<>@,;:\\\"/[]?={}").find(static_cast<char>(c)) == std::string_view::npos;
    });
}

bool is_header_value(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

/// Sets options and remembers whether one was refused.
class Options {
public:
    explicit Options(CURL* handle) : m_handle(handle) {}
    template <class Value>
    void set(CURLoption option, Value value) {
        if (const auto code = curl_easy_setopt(m_handle, option, value); code != CURLE_OK) m_refused = code;
    }
    [[nodiscard]] bool ok() const { return m_refused == CURLE_OK; }

private:
    CURL* m_handle;
    CURLcode m_refused = CURLE_OK;
};

long os_error(CURL* handle) {
    long code = 0;
    curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &code);
    return code;
}

struct Trouble {
    HttpReply::Failure failure;
    std::string text;
};

std::string certificate_trouble(const Transfer& transfer) {
    // libcurl's own sentence may name the host; OpenSSL's reason in it does not.
    constexpr std::string_view k_before = "SSL certificate problem: ";
    const std::string_view text(transfer.error.data());
    const auto found = text.find(k_before);
    if (found != std::string_view::npos) {
        return "the certificate cannot be trusted: " + std::string(text.substr(found + k_before.size()));
    }
    return "the certificate is not this host's";
}

/// What went wrong, in words without address and secrets.
Trouble trouble_of(const Transfer& transfer, CURLcode code) {
    using enum HttpReply::Failure;
    const auto broken = transfer.sending ? cut : no_network;
    long proxy_status = 0;
    curl_easy_getinfo(transfer.easy.get(), CURLINFO_HTTP_CONNECTCODE, &proxy_status);
    if (!transfer.sending && proxy_status >= 300) {
        return {no_network, "the proxy refused the connection (HTTP " + std::to_string(proxy_status) + ")"};
    }
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return {no_network, "the host's name cannot be resolved"};
    case CURLE_COULDNT_RESOLVE_PROXY:
        return {no_network, "the proxy's name cannot be resolved"};
    case CURLE_COULDNT_CONNECT: {
        const long error = os_error(transfer.easy.get());
        const auto reason = error != 0 ? ": " + to_lower(errno_text(static_cast<int>(error))) : std::string();
        return {transfer.sending ? cut : no_network, "no connection" + reason};
    }
    case CURLE_SSL_CONNECT_ERROR:
        return {broken, "the TLS handshake failed"};
    case CURLE_PROXY:
        return {no_network, "the proxy refused the connection"};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return {tls, certificate_trouble(transfer)};
    case CURLE_SSL_CACERT_BADFILE:
        return {tls, "the file of trusted certificates cannot be read"};
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_USE_SSL_FAILED:
        return {tls, "TLS cannot be used with this host"};
    case CURLE_OPERATION_TIMEDOUT:
        if (!transfer.sending) return {timed_out_before_sending, "no connection in time"};
        return {timed_out, "no whole answer in time"};
    case CURLE_URL_MALFORMAT:
        return {bad_request, "the address cannot be understood"};
    case CURLE_UNSUPPORTED_PROTOCOL: // also what libcurl says of an answer without an HTTP status line
        if (transfer.sending) return {cut, "the answer is not HTTP"};
        return {bad_request, "only http and https addresses can be used"};
    case CURLE_TOO_MANY_REDIRECTS:
        return {bad_request, "the service redirects without end"};
    case CURLE_OUT_OF_MEMORY:
        return {broken, "out of memory"};
    case CURLE_GOT_NOTHING:
        return {broken, "the connection was closed without an answer"};
    case CURLE_PARTIAL_FILE:
        return {broken, "the connection was closed in the middle of the answer"};
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
        return {broken, "the connection broke"};
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
        return {broken, "the answer is not HTTP"};
    default:
        return {broken, "the transfer failed (libcurl " + std::to_string(static_cast<int>(code)) + ")"};
    }
}

class CurlClient final : public HttpClient {
public:
    CurlClient(HttpOptions options, const Environment& environment, Multi multi)
        : m_options(std::move(options)), m_environment(environment), m_multi(std::move(multi)) {
        m_ca_file = m_options.ca_file;
        for (const auto* const name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
            if (m_ca_file.empty()) m_ca_file = environment.get(name);
        }
        if (m_options.ca_file.empty()) m_ca_folder = environment.get("SSL_CERT_DIR");
        curl_multi_setopt(m_multi.get(), CURLMOPT_MAXCONNECTS, k_kept_connections);
    }
    CurlClient(const CurlClient&) = delete;
    CurlClient& operator=(const CurlClient&) = delete;
    ~CurlClient() override {
        for (const auto& [handle, transfer] : m_transfers)
            curl_multi_remove_handle(m_multi.get(), handle);
    }

    void start(HttpRequest request, Done done) override { add(std::move(request), std::move(done), Purpose::send); }
    void probe(HttpRequest request, Done done) override { add(std::move(request), std::move(done), Purpose::probe); }
    void run_for(Millis limit, int wake_fd) override;
    [[nodiscard]] std::size_t in_flight() const override { return m_transfers.size() + m_refused.size(); }
    void cancel_all() override;

private:
    enum class Purpose { send, probe };
    void add(HttpRequest request, Done done, Purpose purpose);
    [[nodiscard]] bool prepare(Transfer& transfer, Purpose purpose) const;
    void prepare_method(Options& options, const Transfer& transfer) const;
    [[nodiscard]] Easy take_handle();
    /// Calls back for everything that has ended; whether anything had.
    bool finish_ended();
    void fill_reply(Transfer& transfer, CURLcode code) const;

    HttpOptions m_options;
    Environment m_environment;
    std::string m_ca_file;
    std::string m_ca_folder;
    Multi m_multi;
    std::vector<Easy> m_idle;
    std::unordered_map<CURL*, std::unique_ptr<Transfer>> m_transfers;
    std::vector<std::unique_ptr<Transfer>> m_refused; ///< never started; told from run_for like the others
};

Easy CurlClient::take_handle() {
    if (m_idle.empty()) return Easy(curl_easy_init());
    Easy handle = std::move(m_idle.back());
    m_idle.pop_back();
    return handle;
}

void CurlClient::add(HttpRequest request, Done done, Purpose purpose) {
    auto transfer = std::make_unique<Transfer>();
    transfer->request = std::move(request);
    transfer->done = std::move(done);
    transfer->easy = take_handle();
    const bool usable = is_token(transfer->request.method) &&
                        std::ranges::all_of(transfer->request.headers, [](const HttpHeader& header) {
                            return is_token(header.name) && is_header_value(header.value);
                        });
    if (!usable) {
        transfer->reply.failure = HttpReply::Failure::bad_request;
        transfer->reply.error = "the method or a header cannot be sent";
    } else if (!transfer->easy || !prepare(*transfer, purpose) ||
               curl_multi_add_handle(m_multi.get(), transfer->easy.get()) != CURLM_OK) {
        transfer->reply.failure = HttpReply::Failure::bad_request;
        transfer->reply.error = "the request cannot be prepared: its address, proxy or a header is not usable";
    }
    if (transfer->reply.failure != HttpReply::Failure::none) {
        m_refused.push_back(std::move(transfer));
        return;
    }
    CURL* const handle = transfer->easy.get();
    m_transfers.emplace(handle, std::move(transfer));
}

void CurlClient::prepare_method(Options& options, const Transfer& transfer) const {
    const auto& request = transfer.request;
    if (!request.body.empty() || request.method == "POST") {
        options.set(CURLOPT_POST, 1L);
        options.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        options.set(CURLOPT_POSTFIELDS, request.body.c_str());
    } else if (request.method == "HEAD") {
        options.set(CURLOPT_NOBODY, 1L);
    } else {
        options.set(CURLOPT_HTTPGET, 1L);
    }
    options.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

bool CurlClient::prepare(Transfer& transfer, Purpose purpose) const {
    const auto& request = transfer.request;
    Options options(transfer.easy.get());
    options.set(CURLOPT_PRIVATE, &transfer);
    options.set(CURLOPT_ERRORBUFFER, transfer.error.data());
    options.set(CURLOPT_NOSIGNAL, 1L);
    options.set(CURLOPT_URL, request.url.c_str());
#if LIBCURL_VERSION_NUM >= 0x075500
    options.set(CURLOPT_PROTOCOLS_STR, "http,https");
    options.set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
    options.set(CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
    options.set(CURLOPT_REDIR_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    options.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    options.set(CURLOPT_USERAGENT, "mcp-push");
    options.set(CURLOPT_TCP_KEEPALIVE, 1L);
    const Millis limit = request.timeout.value_or(m_options.timeout);
    options.set(CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
    options.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(limit, m_options.connect_timeout).count()));

    const auto proxy = choose_proxy(request.url, request.proxy, m_options.proxy, m_environment);
    options.set(CURLOPT_PROXY, proxy.proxy.c_str()); // "" keeps libcurl from reading the environment itself
    options.set(CURLOPT_NOPROXY, proxy.except.c_str());
    options.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (!m_ca_file.empty()) {
        options.set(CURLOPT_CAINFO, m_ca_file.c_str());
        options.set(CURLOPT_PROXY_CAINFO, m_ca_file.c_str());
    }
    if (!m_ca_folder.empty()) options.set(CURLOPT_CAPATH, m_ca_folder.c_str());
    if (purpose == Purpose::probe) {
        options.set(CURLOPT_CONNECT_ONLY, 1L);
        return options.ok();
    }

    options.set(CURLOPT_PREREQFUNCTION, &on_sending);
    options.set(CURLOPT_PREREQDATA, &transfer);
    options.set(CURLOPT_WRITEFUNCTION, &on_body);
    options.set(CURLOPT_WRITEDATA, &transfer);
    options.set(CURLOPT_HEADERFUNCTION, &on_header);
    options.set(CURLOPT_HEADERDATA, &transfer);
    if (request.follow_redirects) {
        options.set(CURLOPT_FOLLOWLOCATION, 1L);
        options.set(CURLOPT_MAXREDIRS, 5L);
        options.set(CURLOPT_POSTREDIR, static_cast<long>(CURL_REDIR_POST_ALL));
    }
    prepare_method(options, transfer);

    curl_slist* list = nullptr;
    const auto append = [&](const std::string& line) {
        curl_slist* const longer = curl_slist_append(list, line.c_str());
        if (longer == nullptr) return false;
        list = longer;
        return true;
    };
    bool whole = append("Expect:"); // a body of ours is small: no round trip to ask whether it is welcome
    if (find_header(request.headers, "content-type") == nullptr) whole = append("Content-Type:") && whole;
    for (const auto& header : request.headers) {
        whole = append(header.value.empty() ? header.name + ";" : header.name + ": " + header.value) && whole;
    }
    transfer.headers.reset(list);
    options.set(CURLOPT_HTTPHEADER, list);
    return options.ok() && whole;
}

void CurlClient::fill_reply(Transfer& transfer, CURLcode code) const {
    CURL* const handle = transfer.easy.get();
    auto& reply = transfer.reply;
    curl_off_t micros = 0;
    curl_easy_getinfo(handle, CURLINFO_TOTAL_TIME_T, &micros);
    reply.took = Millis(micros / 1000);
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    // A refusal is an answer even when its body is cut short; a cut "200" may lack the service's own error code.
    if (code == CURLE_OK || transfer.full || (transfer.sending && status >= 400)) {
        reply.status = static_cast<int>(status);
        return;
    }
    auto trouble = trouble_of(transfer, code);
    reply.failure = trouble.failure;
    reply.error = std::move(trouble.text);
}

bool CurlClient::finish_ended() {
    std::vector<std::unique_ptr<Transfer>> ended;
    ended.swap(m_refused);
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(m_multi.get(), &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        const CURLcode code = message->data.result;
        CURL* const handle = message->easy_handle;
        const auto found = m_transfers.find(handle);
        if (found == m_transfers.end()) continue;
        fill_reply(*found->second, code);
        curl_multi_remove_handle(m_multi.get(), handle); // invalidates `message`
        ended.push_back(std::move(found->second));
        m_transfers.erase(found);
    }
    for (auto& transfer : ended) {
        if (transfer->easy && m_idle.size() < k_idle_handles) {
            curl_easy_reset(transfer->easy.get());
            m_idle.push_back(std::move(transfer->easy));
        }
        transfer->done(std::move(transfer->reply));
    }
    return !ended.empty();
}

void CurlClient::run_for(Millis limit, int wake_fd) {
    using Steady = std::chrono::steady_clock;
    const auto end = Steady::now() + limit;
    for (;;) {
        int running = 0;
        curl_multi_perform(m_multi.get(), &running);
        if (finish_ended()) return;
        const auto left = std::chrono::ceil<Millis>(end - Steady::now());
        if (left.count() <= 0) return;
        curl_waitfd wake{.fd = wake_fd, .events = CURL_WAIT_POLLIN, .revents = 0};
        curl_multi_poll(m_multi.get(), &wake, wake_fd >= 0 ? 1 : 0, static_cast<int>(left.count()), nullptr);
        if (wake.revents != 0 || m_transfers.empty()) return; // woken, by the descriptor or by a signal
    }
}

void CurlClient::cancel_all() {
    std::vector<std::unique_ptr<Transfer>> ended;
    ended.swap(m_refused);
    for (auto& [handle, transfer] : m_transfers) {
        curl_multi_remove_handle(m_multi.get(), handle);
        transfer->reply = {};
        transfer->reply.failure = transfer->sending ? HttpReply::Failure::cut : HttpReply::Failure::no_network;
        transfer->reply.error = "stopped before an answer came";
        ended.push_back(std::move(transfer));
    }
    m_transfers.clear();
    for (auto& transfer : ended)
        transfer->done(std::move(transfer->reply));
}

} // namespace

Result<std::unique_ptr<HttpClient>> make_curl_client(const HttpOptions& options, const Environment& environment) {
    static const CURLcode k_ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    // OpenSSL writes to sockets that a server may have closed, and CURLOPT_NOSIGNAL leaves the signal to us.
    ::signal(SIGPIPE, SIG_IGN);
    Multi multi(k_ready == CURLE_OK ? curl_multi_init() : nullptr);
    if (!multi) return Error{ErrorKind::internal, "libcurl cannot be set up"};
    return std::unique_ptr<HttpClient>(std::make_unique<CurlClient>(options, environment, std::move(multi)));
}

} // namespace mcp_push
