#include "http_fetch.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>

#include <curl/curl.h>

#include "vitrine/kernels/base/error.h"

namespace vitrine::data {
namespace {

using Clock = std::chrono::steady_clock;
using Outcome = FetchResult::Outcome;

/// One try. curl calls on_header and on_body, through functions of C's kind, which must not throw.
class Fetch {
public:
    Fetch(const RemoteFile& file, const std::string& url, const DownloadOptions& options, PartFile& part)
        : file_(file), url_(url), options_(options), part_(part) {}

    FetchResult run();

private:
    void set_up();
    CURLcode transfer();
    FetchResult result_of(CURLcode status) const;
    bool on_header(std::string_view line);
    bool on_body(const char* bytes, std::size_t count);
    bool begin_body();
    bool useless(std::string reason);
    bool goes_on();

    static std::size_t header(char* bytes, std::size_t size, std::size_t count, void* self) {
        return static_cast<Fetch*>(self)->on_header({bytes, size * count}) ? size * count : 0;
    }
    static std::size_t body(char* bytes, std::size_t size, std::size_t count, void* self) {
        auto* fetch = static_cast<Fetch*>(self);
        try {
            return fetch->on_body(bytes, size * count) ? size * count : 0;
        } catch (...) {
            fetch->thrown_ = std::current_exception();
            return 0;
        }
    }

    const RemoteFile& file_;
    const std::string& url_;
    const DownloadOptions& options_;
    PartFile& part_;
    std::unique_ptr<CURL, void (*)(CURL*)> easy_{curl_easy_init(), curl_easy_cleanup};
    std::unique_ptr<CURLM, CURLMcode (*)(CURLM*)> multi_{curl_multi_init(), curl_multi_cleanup};

    long code_ = 0;  // of the answer that is being read
    std::optional<std::uint64_t> length_, range_begin_;
    bool connected_ = false, body_began_ = false, from_the_start_ = false, stalled_ = false;
    std::array<char, CURL_ERROR_SIZE> error_{};
    std::string useless_, odd_;  // why the server, or this answer, is refused
    std::exception_ptr thrown_;
    Clock::time_point last_byte_ = Clock::now();
};

/// The number that `text` begins with.
std::optional<std::uint64_t> number_in(std::string_view text) {
    std::optional<std::uint64_t> number;
    for (const char c : text) {
        if (c == ' ' && !number) continue;
        if (c < '0' || c > '9' || (number && *number > (std::uint64_t{1} << 58))) break;
        number = number.value_or(0) * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return number;
}

/// What follows "name:", or "units " behind it, in a header line; nothing when it is another header.
std::optional<std::string_view> value_of(std::string_view line, std::string_view name) {
    const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
    if (line.size() <= name.size() ||
        !std::equal(name.begin(), name.end(), line.begin(), [&](char b, char a) { return same(a, b); }))
        return std::nullopt;
    return line.substr(name.size());
}

bool Fetch::useless(std::string reason) {
    useless_ = std::move(reason);
    return false;
}

bool Fetch::on_header(std::string_view line) {
    if (line.starts_with("HTTP/")) {  // of the answer, or of one more after a redirection
        const auto space = line.find(' ');
        code_ = space == std::string_view::npos ? 0 : static_cast<long>(number_in(line.substr(space)).value_or(0));
        length_ = range_begin_ = std::nullopt;
    } else if (const auto length = value_of(line, "content-length:")) {
        length_ = number_in(*length);
    } else if (const auto range = value_of(line, "content-range:")) {
        const auto units = range->find("bytes ");
        if (units != std::string_view::npos) range_begin_ = number_in(range->substr(units + 6));
    }
    return true;
}

// The first byte of the contents is there: is it the one that was asked for?
bool Fetch::begin_body() {
    body_began_ = true;
    if (code_ == 200 && part_.size() > 0) part_.clear();  // the server does not know Range
    if (code_ == 206 && range_begin_ != part_.size()) {
        odd_ = join("answers with bytes from another position than ", part_.size());
        return false;
    }
    if (code_ != 200 && code_ != 206) return useless(join("answers ", code_));
    from_the_start_ = part_.size() == 0;
    if (length_ && part_.size() + *length_ != file_.bytes)
        return useless(join("has ", part_.size() + *length_, " bytes; the file has ", file_.bytes));
    return true;
}

bool Fetch::on_body(const char* bytes, std::size_t count) {
    if (!body_began_ && !begin_body()) return false;
    if (part_.size() + count > file_.bytes) return useless(join("sends more than the file's ", file_.bytes, " bytes"));
    part_.append(bytes, count);
    last_byte_ = Clock::now();
    return true;
}

void Fetch::set_up() {
    CURL* curl = easy_.get();
    curl_easy_setopt(curl, CURLOPT_URL, url_.c_str());
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error_.data());
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "vitrine");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout_ms));
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &Fetch::header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Fetch::body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
    if (part_.size() > 0) curl_easy_setopt(curl, CURLOPT_RANGE, join(part_.size(), '-').c_str());
}

// Called several times a second. curl's own limits for slow servers count in seconds.
bool Fetch::goes_on() {
    if (options_.progress && !options_.progress({file_.name, url_, part_.size(), file_.bytes}))
        throw IoError(
            join(part_.path(), ": given up by the progress function at ", part_.size(), " of ", file_.bytes, " bytes"));
    if (!connected_) {  // until then curl's own limit holds
        curl_off_t microseconds = 0;
        curl_easy_getinfo(easy_.get(), CURLINFO_PRETRANSFER_TIME_T, &microseconds);
        connected_ = microseconds > 0;
        last_byte_ = Clock::now();
    }
    stalled_ = Clock::now() - last_byte_ > std::chrono::milliseconds(options_.stall_timeout_ms);
    return !stalled_;
}

CURLcode Fetch::transfer() {
    curl_multi_add_handle(multi_.get(), easy_.get());
    const std::unique_ptr<CURL, std::function<void(CURL*)>> remove(
        easy_.get(), [this](CURL* easy) { curl_multi_remove_handle(multi_.get(), easy); });
    for (int running = 1;;) {
        const CURLMcode status = curl_multi_perform(multi_.get(), &running);
        if (status != CURLM_OK) throw IoError(join(url_, ": curl: ", curl_multi_strerror(status)));
        if (running == 0) break;
        if (!goes_on()) return CURLE_OPERATION_TIMEDOUT;
        curl_multi_poll(multi_.get(), nullptr, 0,
                        static_cast<int>(std::clamp<std::int64_t>(options_.stall_timeout_ms / 4, 1, 100)), nullptr);
    }
    int left = 0;
    const CURLMsg* message = curl_multi_info_read(multi_.get(), &left);
    return message ? message->data.result : CURLE_FAILED_INIT;
}

FetchResult Fetch::result_of(CURLcode status) const {
    const auto ended = [&](Outcome outcome, std::string reason) {
        return FetchResult{outcome, std::move(reason), from_the_start_};
    };
    if (!useless_.empty()) return ended(Outcome::useless, useless_);
    if (!odd_.empty()) return ended(Outcome::interrupted, odd_);
    if (body_began_ && part_.size() == file_.bytes) return ended(Outcome::complete, {});  // however the rest went
    if (stalled_) return ended(Outcome::interrupted, join("sent nothing for ", options_.stall_timeout_ms, " ms"));
    const bool refused = code_ >= 400 && code_ < 500 && code_ != 408 && code_ != 416 && code_ != 429;
    if (status == CURLE_HTTP_RETURNED_ERROR)
        return ended(refused ? Outcome::useless : Outcome::interrupted, join("answers ", code_));
    const bool never =
        status == CURLE_UNSUPPORTED_PROTOCOL || status == CURLE_URL_MALFORMAT || status == CURLE_TOO_MANY_REDIRECTS;
    if (status != CURLE_OK)
        return ended(never ? Outcome::useless : Outcome::interrupted,
                     join(error_[0] ? error_.data() : curl_easy_strerror(status), ", at ", part_.size(), " of ",
                          file_.bytes, " bytes"));
    if (part_.size() != file_.bytes)
        return ended(Outcome::interrupted, join("ended after ", part_.size(), " of ", file_.bytes, " bytes"));
    return ended(Outcome::complete, {});
}

FetchResult Fetch::run() {
    if (!easy_ || !multi_) throw IoError("curl could not start");
    set_up();
    const CURLcode status = transfer();
    if (thrown_) std::rethrow_exception(thrown_);
    const FetchResult result = result_of(status);
    // What cannot be trusted is not continued: of a range that nobody asked for, of another file, of an answer without
    // a length.
    const bool ended_of_itself = status == CURLE_OK && part_.size() != file_.bytes;
    if (result.outcome == Outcome::useless || !odd_.empty() || code_ == 416 || ended_of_itself) {
        if (body_began_ || code_ == 416) part_.clear();
    }
    return result;
}

}  // namespace

FetchResult http_fetch(const RemoteFile& file, const std::string& url, const DownloadOptions& options, PartFile& part) {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (started != CURLE_OK) throw IoError(join("curl could not start: ", curl_easy_strerror(started)));
    return Fetch(file, url, options, part).run();
}

}  // namespace vitrine::data
