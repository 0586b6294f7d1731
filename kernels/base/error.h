// The one exception type of the library, and the one check macro.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

namespace vitrine {

/// What every public function throws on bad input. The text says the op, what was given, what is
/// allowed and the user's file:line: "softmax: axis 3 of x (2, 5); allowed are -2 to 1 (train.cpp:41)".
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A device has no memory left for a request.
class OutOfMemory : public Error {
public:
    using Error::Error;
};

/// A file is missing, truncated, hostile, or cannot be written.
class IoError : public Error {
public:
    using Error::Error;
};

/// The arguments, streamed one after the other, as a string.
template <class... Parts>
std::string join(const Parts&... parts) {
    std::ostringstream text;
    (text << ... << parts);
    return text.str();
}

}  // namespace vitrine

/// Throws vitrine::Error with the joined message when `condition` is false. The message is built only then.
#define VITRINE_CHECK(condition, ...) \
    ((condition) ? void() : throw ::vitrine::Error(::vitrine::join(__VA_ARGS__)))
