// An HTTP server on loopback that does what servers should not do.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace vitrine::testing {

/// What the server does with a request. "Half" is the middle of what was asked for.
enum class Does {
    serve,             ///< all of it, from Range's position where one was given
    ignore_range,      ///< all of it, whatever Range says
    wrong_range,       ///< 206, from another position than was asked for
    truncate,          ///< promises all, closes after half
    truncate_silent,   ///< promises no length, closes after half
    reset,             ///< promises all, resets the connection after half
    stall,             ///< sends half, then nothing
    stall_at_once,     ///< takes the request and says nothing
    promise_more,      ///< Content-Length is 10 too large
    promise_less,      ///< Content-Length is 10 too small
    endless,           ///< no length, and more and more bytes
    wrong_bytes,       ///< as many bytes, one of them wrong
    redirect,          ///< to /moved, which serves
    redirect_to_file,  ///< to file:///etc/hostname
    redirect_loop,     ///< to itself
    error_404,
    error_416,
    error_503,
    garbage,  ///< no HTTP at all
};

class HttpServer {
public:
    /// Request number i gets answers[i], the last one every further request.
    HttpServer(std::string contents, std::vector<Does> answers)
        : contents_(std::move(contents)),
          answers_(std::move(answers)),
          listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* any = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener_, any, size) != 0 || ::listen(listener_, 8) != 0 ||
            ::getsockname(listener_, any, &size) != 0)
            throw std::runtime_error("no loopback server");
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { run(); });
    }
    ~HttpServer() {
        stop_ = true;
        thread_.join();
        ::close(listener_);
    }
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    std::string url(const std::string& path = "/file") const {
        return "http://127.0.0.1:" + std::to_string(port_) + path;
    }
    /// For each request so far where Range began; -1 without Range.
    std::vector<long> ranges() const {
        const std::lock_guard lock(mutex_);
        return ranges_;
    }

private:
    bool readable(int socket, int milliseconds) const {
        pollfd waiting{socket, POLLIN, 0};
        return ::poll(&waiting, 1, milliseconds) > 0;
    }
    void run() {
        while (!stop_) {
            if (!readable(listener_, 5)) continue;
            const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (socket < 0) continue;
            answer(socket);
            ::close(socket);
        }
    }
    static void send(int socket, const std::string& bytes) {
        for (std::size_t at = 0; at < bytes.size();) {
            const ssize_t sent = ::send(socket, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
            if (sent <= 0) return;
            at += static_cast<std::size_t>(sent);
        }
    }
    void hang(int socket) const {
        while (!stop_ && !readable(socket, 5)) {
        }  // until the client hangs up
    }
    static std::string status(const std::string& line, const std::string& headers = "") {
        return "HTTP/1.1 " + line + "\r\nConnection: close\r\n" + headers + "\r\n";
    }
    static std::string length(std::size_t bytes) { return "Content-Length: " + std::to_string(bytes) + "\r\n"; }

    void answer(int socket) {
        std::string request;
        for (char block[2048]; request.find("\r\n\r\n") == std::string::npos;) {
            const ssize_t got = ::recv(socket, block, sizeof block, 0);
            if (got <= 0) return;
            request.append(block, static_cast<std::size_t>(got));
        }
        const auto range = request.find("Range: bytes=");
        const std::size_t begin = range == std::string::npos ? 0 : std::stoul(request.substr(range + 13));
        Does does = Does::serve;
        {
            const std::lock_guard lock(mutex_);
            if (!request.starts_with("GET /moved")) does = answers_[std::min(ranges_.size(), answers_.size() - 1)];
            ranges_.push_back(range == std::string::npos ? -1 : static_cast<long>(begin));
        }
        answer(socket, does, range != std::string::npos, std::min(begin, contents_.size()));
    }

    void answer(int socket, Does does, bool ranged, std::size_t begin) {
        const std::string rest = contents_.substr(begin), half = rest.substr(0, rest.size() / 2);
        const std::string position = "Content-Range: bytes " + std::to_string(begin) + "-" +
                                     std::to_string(contents_.size() - 1) + "/" + std::to_string(contents_.size()) +
                                     "\r\n";
        const std::string good = ranged ? status("206 Partial Content", position + length(rest.size()))
                                        : status("200 OK", length(rest.size()));
        switch (does) {
            case Does::serve: return send(socket, good + rest);
            case Does::ignore_range: return send(socket, status("200 OK", length(contents_.size())) + contents_);
            case Does::wrong_range:
                return send(
                    socket,
                    status("206 Partial Content", "Content-Range: bytes 7-8/9\r\n" + length(rest.size())) + rest);
            case Does::truncate: return send(socket, good + half);
            case Does::truncate_silent:
                return send(socket, status("200 OK") + contents_.substr(0, contents_.size() / 2));
            case Does::reset: {
                send(socket, good + half);
                const linger at_once{1, 0};
                ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
                return;
            }
            case Does::stall: return send(socket, good + half), hang(socket);
            case Does::stall_at_once: return hang(socket);
            case Does::promise_more: return send(socket, status("200 OK", length(contents_.size() + 10)) + contents_);
            case Does::promise_less: return send(socket, status("200 OK", length(contents_.size() - 10)) + contents_);
            case Does::endless:
                send(socket, status("200 OK"));
                for (int i = 0; i < 100; ++i) send(socket, contents_);
                return;
            case Does::wrong_bytes: {
                std::string other = rest;
                other[other.size() / 2] ^= 1;
                return send(socket, good + other);
            }
            case Does::redirect: return send(socket, status("302 Found", "Location: /moved\r\n" + length(0)));
            case Does::redirect_to_file:
                return send(socket, status("302 Found", "Location: file:///etc/hostname\r\n" + length(0)));
            case Does::redirect_loop: return send(socket, status("302 Found", "Location: /file\r\n" + length(0)));
            case Does::error_404: return send(socket, status("404 Not Found", length(5)) + "lost!");
            case Does::error_416: return send(socket, status("416 Range Not Satisfiable", length(0)));
            case Does::error_503: return send(socket, status("503 Service Unavailable", length(0)));
            case Does::garbage: return send(socket, "SSH-2.0-OpenSSH_9.2\r\n");
        }
    }

    std::string contents_;
    std::vector<Does> answers_;
    int listener_, port_ = 0;
    std::atomic<bool> stop_{false};
    mutable std::mutex mutex_;
    std::vector<long> ranges_;
    std::thread thread_;
};

}  // namespace vitrine::testing
