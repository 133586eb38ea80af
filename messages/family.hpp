#pragma once

#include <cstdint>
#include <string_view>

#include <banyan/key.hpp>

namespace banyan::detail {

/// A new family for a root: 48 bits of time, 80 random bits.
family_id random_family(std::int64_t now_ms);

/// The family of a root that was given an id: 128 bits of hash, the same in every process.
family_id named_family(std::string_view id);

/// The family of the children and steps of one attempt (counted from 1) of `parent`. It keeps the 48 bits of
/// time of the parent's family; the rest is a hash of the parent's key and the attempt.
family_id child_family(const key& parent, std::uint32_t attempt);

/// In the place of an attempt: of the calls of a future's handlers.
inline constexpr std::uint32_t handlers_attempt = 0;

/// The family of a future's first attempt also holds what does not belong to an attempt, at numbers that the function
/// does not take: what the future publishes; from the next number on, without gaps, the signals that were sent to it;
/// without gaps too, what it was asked to adopt; and as far behind each such request, what came of it: a child, or a
/// refusal.
inline constexpr std::uint64_t published_number = std::uint64_t{1} << 62;
inline constexpr std::uint64_t first_signal_number = published_number + 1;
inline constexpr std::uint64_t first_request_number = published_number + (std::uint64_t{1} << 60);
inline constexpr std::uint64_t first_adopted_number = published_number + (std::uint64_t{1} << 61);
inline constexpr bool is_of_no_attempt(std::uint64_t number) { return number >= published_number; }
inline constexpr bool is_adopted(std::uint64_t number) { return number >= first_adopted_number; }
/// Neither a child nor a step.
inline constexpr bool is_message(std::uint64_t number) { return is_of_no_attempt(number) && !is_adopted(number); }
inline constexpr bool is_request(std::uint64_t number) { return number >= first_request_number && is_message(number); }

/// In the place of the parent's attempt: of children that belong to the future and not to one of its attempts.
inline constexpr std::uint32_t adopted_attempt = 0xffffffff;

/// A 64-bit digest of a call: equal calls have equal digests on every machine and in every build.
std::uint64_t call_digest(std::string_view function, std::string_view arguments);

}  // namespace banyan::detail
