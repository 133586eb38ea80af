#pragma once

#include <optional>
#include <string>

#include "messages/record.hpp"
#include "persistence/message_log.hpp"

/// Adopting: somebody asks a future to take in a child, by a request in the log of its first attempt's family. What is
/// recorded first at the number of its answer decides: the child's call, written by who runs the future, or a refusal,
/// by either side.
namespace banyan::detail {

/// Where the answer to a request is recorded. If it is adopted, this is the child's key.
key answer_to(const key& request);

/// True where both ask for the same function with the same arguments.
bool is_same_call(const spec_record& a, const spec_record& b);

/// The position of a request, or of its answer, counted from 0.
std::uint64_t request_number(const key& at);

struct adoption_request {
  key at;
  bytes call;  ///< as it is recorded
};

/// Records a request to adopt a call. With an `id` one that was not refused is found again; throws `error`
/// (`id_conflict`) if it asks for another call. Throws what the store throws.
adoption_request request_adoption(store& s, const key& parent, const std::string& id, const bytes& call,
                                  const commit_one& commit);

/// What was adopted with this id, if anything was. Throws as `request_adoption`.
std::optional<key> find_adopted(store& s, const key& parent, const std::string& id, const bytes& call);

struct adoption_answer {
  bool adopted = false;
  error_info refused_for;  ///< if it was refused
};

/// What a record says at the place of an answer; nothing: there is none yet. Throws `error` (`corrupt_record`).
std::optional<adoption_answer> read_answer(const record& r);

/// The write that refuses a request, unless it has an answer.
write refusal_of(const key& request, const error_info& why);

/// Throws `error` (`invalid_argument`) for what is no call of a function.
void check_adopts(const key& k, const record& found);
/// Why a future with a result adopts nothing.
error_info too_late(const key& k);

}  // namespace banyan::detail
