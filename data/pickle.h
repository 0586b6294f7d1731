// Python's pickle format (https://docs.python.org/3/library/pickletools.html), as far as data needs it.
//
// A pickle is a program for a small stack machine that may call any function of Python. This reader calls nothing: it
// builds a tree of values, in which a call that the pickle asks for is a value like any other, and it accepts the calls
// of a given list alone.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vitrine::data {

/// A value of a pickle. Values may occur in several places, and inside themselves.
struct PickleValue {
    enum class Kind { none, boolean, integer, real, text, list, dict, global, call, persistent };
    Kind kind = Kind::none;
    std::int64_t integer = 0;  ///< of integer and boolean
    double real = 0;
    std::string text = {};  ///< of text; "module.name" of global
    /// list and tuple: the elements; dict: key, value, key, value, ...; call: the global, then its arguments;
    /// persistent: what identifies an object that is stored elsewhere.
    std::vector<const PickleValue*> items = {};
};

/// A pickle that was read: the values and the outermost one.
struct Pickle {
    std::deque<PickleValue> values;
    const PickleValue* root = nullptr;
};

/// Reads a pickle of protocol 2 to 5 that mentions no other globals than `globals` ("module.name"). A call of
/// collections.OrderedDict without arguments becomes an empty dict; attributes that it sets on what it built are left
/// out. Throws IoError, beginning with `path`, that names the global or the opcode that is not allowed; for a pickle
/// that ends early, refers to what is not there, or holds integers beyond 64 bits.
Pickle read_pickle(std::string_view bytes, std::span<const std::string_view> globals, const std::string& path);

}  // namespace vitrine::data
