// Private to data: protobuf's encoding of the few messages that we write
// (https://protobuf.dev/programming-guides/encoding).
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace vitrine::data {

/// A message as it grows, field by field: each is a key (number and wire type) and a value.
class ProtobufMessage {
public:
    ProtobufMessage& integer(std::uint32_t field, std::int64_t value) {
        key(field, 0);
        varint(static_cast<std::uint64_t>(value));
        return *this;
    }
    ProtobufMessage& real(std::uint32_t field, double value) {
        key(field, 1);
        little_endian(std::bit_cast<std::uint64_t>(value), 8);
        return *this;
    }
    ProtobufMessage& single(std::uint32_t field, float value) {
        key(field, 5);
        little_endian(std::bit_cast<std::uint32_t>(value), 4);
        return *this;
    }
    /// A string, or a message inside this one.
    ProtobufMessage& bytes(std::uint32_t field, std::string_view value) {
        key(field, 2);
        varint(value.size());
        bytes_ += value;
        return *this;
    }
    /// A packed list of doubles.
    ProtobufMessage& reals(std::uint32_t field, std::span<const double> values) {
        key(field, 2);
        varint(8 * values.size());
        for (const double value : values) little_endian(std::bit_cast<std::uint64_t>(value), 8);
        return *this;
    }
    operator std::string_view() const { return bytes_; }  // NOLINT: implicit, for messages inside messages

private:
    void key(std::uint32_t field, std::uint32_t wire_type) { varint(field << 3 | wire_type); }
    void varint(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
        bytes_ += static_cast<char>(value);
    }
    void little_endian(std::uint64_t value, int count) {
        for (int i = 0; i < count; ++i) bytes_ += static_cast<char>(value >> 8 * i);
    }

    std::string bytes_;
};

}  // namespace vitrine::data
