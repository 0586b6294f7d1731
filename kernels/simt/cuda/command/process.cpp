#include "process.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace vitrine::kernels::simt::command {

namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Pipe {
    int read = -1, write = -1;
    Pipe() {
        int ends[2];
        if (pipe(ends)) throw std::runtime_error("pipe: " + std::string(std::strerror(errno)));
        read = ends[0];
        write = ends[1];
    }
    ~Pipe() {
        close(read);
        close_write();
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    void close_write() {
        if (write >= 0) close(write);
        write = -1;
    }
};

[[noreturn]] void become(const Start& start, const Pipe& pipe) {
    if (start.catch_stderr) dup2(pipe.write, STDERR_FILENO);
    for (const auto& [name, value] : start.environment) setenv(name.c_str(), value.c_str(), 1);
    std::vector<char*> words;
    for (const std::string& word : start.words) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    execvp(words[0], words.data());
    const std::string text = "simt-check: " + start.words[0] + ": " + std::strerror(errno) + "\n";
    [[maybe_unused]] const auto written = write(STDERR_FILENO, text.data(), text.size());
    _exit(127);
}

void read_some(int from, std::string& text) {
    char buffer[4096];
    const ssize_t count = read(from, buffer, sizeof buffer);
    if (count > 0) text.append(buffer, static_cast<std::size_t>(count));
}

}  // namespace

Ended run(const Start& start) {
    Pipe pipe;
    const auto begin = Clock::now();
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error("fork: " + std::string(std::strerror(errno)));
    if (child == 0) become(start, pipe);
    pipe.close_write();

    Ended ended;
    int status = 0;
    for (int wait_ms = 1; waitpid(child, &status, WNOHANG) == 0;) {
        pollfd end{pipe.read, POLLIN, 0};
        if (poll(&end, 1, wait_ms) > 0 && (end.revents & POLLIN))
            read_some(pipe.read, ended.output);
        else if (end.revents & POLLHUP)  // nobody writes any more
            usleep(static_cast<useconds_t>(wait_ms) * 1000);
        if (wait_ms < 20) ++wait_ms;
        if (start.timeout > 0 && since(begin) > start.timeout && !ended.timed_out) {
            ended.timed_out = true;
            kill(child, SIGKILL);
        }
    }
    for (pollfd end{pipe.read, POLLIN, 0}; poll(&end, 1, 0) > 0 && (end.revents & POLLIN);)
        read_some(pipe.read, ended.output);
    ended.seconds = since(begin);
    if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
    if (WIFEXITED(status)) ended.exit_code = WEXITSTATUS(status);
    return ended;
}

}  // namespace vitrine::kernels::simt::command
