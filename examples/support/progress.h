// A line that tells how far a run is: rewritten in place on a terminal, now and then a line of its own elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>

/// Seconds as "0:07", "12:34", "1:02:03".
std::string clock_time(double seconds);

class Progress {
public:
    /// `out` is std::cout or std::cerr; `total_steps` are ahead; `unit` is what step() counts.
    Progress(std::ostream& out, std::int64_t total_steps, std::string unit = "images");

    /// To be called after each step: shows "epoch 2/10  43%  loss 108.3  51000 images/s  ETA 0:12".
    void step(const std::string& label, double loss, std::int64_t units);
    /// On a terminal: shows a line until the next is printed. Elsewhere nothing.
    static void note(std::ostream& out, const std::string& text);
    /// Prints a line that stays.
    void line(const std::string& text);

    double seconds() const;     ///< since the start
    double per_second() const;  ///< units

private:
    using Clock = std::chrono::steady_clock;
    static double between(Clock::time_point from, Clock::time_point to) {
        return std::chrono::duration<double>(to - from).count();
    }

    std::ostream& out_;
    bool terminal_;
    std::int64_t total_, done_ = 0, units_ = 0;
    std::string unit_;
    Clock::time_point start_ = Clock::now(), shown_ = start_;
};
