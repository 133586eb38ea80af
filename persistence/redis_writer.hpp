#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "persistence/redis_phrases.hpp"
#include "persistence/redis_servers.hpp"

namespace banyan::detail {

/// What a Redis store writes: a batch becomes pipelines over a few connections, or over one to each master of a
/// cluster. The order within a family is kept; of different families, roots and notices are listed first, and drops and
/// settled roots come last, in their order. Not thread-safe.
class redis_writer {
 public:
  /// `before_send` is called before anything is sent, and may throw; it may be empty. All else outlives this.
  redis_writer(redis_servers& servers, const redis_layout& layout, const redis_scripts& scripts, redis_notices& notices,
               std::function<void()> before_send);

  /// As `store::commit_meanwhile`; `meanwhile` may be empty.
  void commit(std::span<const write> writes, std::span<write_outcome> outcomes, const std::function<void()>& meanwhile);

 private:
  /// When a write is carried out within its batch.
  enum class stage : std::uint8_t { listing, records, expiries, endings };

  /// One command: of one write, or of several specs (and the header) of one family.
  struct task {
    enum class what : std::uint8_t {
      writes,
      reads_back,  ///< asks what is there instead of a write that lost
      claims,      ///< a root that somebody else has listed
    };
    std::vector<std::size_t> positions;
    what kind = what::writes;
  };

  struct lane {
    redis_place where;
    std::unique_ptr<redis_connection> connection;
    redis_commands out;
    std::vector<const task*> sent;
  };

  static stage stage_of(const write& w);
  void commit_segment(std::size_t begin, std::size_t end);
  std::vector<task> plan(std::size_t begin, std::size_t end, stage s) const;
  /// Roots that we have written, but that somebody else who never came to it had listed.
  std::vector<task> roots_to_claim(std::size_t begin, std::size_t end);
  void run_in_order(std::span<const task> tasks);
  /// Carries out tasks that do not have to wait for each other, wherever a cluster keeps their keys by now.
  void run(std::span<const task> tasks);
  void pipeline(std::span<const task> tasks);
  void send(lane& l) const;
  void receive(lane& l);
  void give_up(std::span<const std::size_t> used);
  void forget_leftovers();
  void ask(const task& t, const redis_address& where);

  std::size_t lane_of(const task& t);
  lane& connected(std::size_t number);
  const write& first_of(const task& t) const { return writes_[t.positions.front()]; }
  void phrase(redis_commands& out, const task& t) const;
  void answer(const task& t, const redisReply& reply);

  redis_servers& servers_;
  const redis_layout& layout_;
  const redis_phrases phrases_;
  const std::function<void()> before_send_;
  std::vector<lane> lanes_;

  std::span<const write> writes_;
  std::span<write_outcome> outcomes_;
  const std::function<void()>* meanwhile_ = nullptr;               ///< to be called yet
  std::vector<task> lost_;                                         ///< to be read back
  std::vector<std::size_t> listed_by_others_;                      ///< positions of roots
  std::vector<std::pair<const task*, redis_redirect>> elsewhere_;  ///< to be sent to another server
};

}  // namespace banyan::detail
