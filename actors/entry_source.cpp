#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>

#include <banyan/error.hpp>
#include <banyan/sources.hpp>

namespace banyan {
namespace {

namespace fs = std::filesystem;

/// The order of paths by their names: what is below a directory stands together.
bool comes_before(std::string_view a, std::string_view b) {
  const auto rank = [](char c) { return c == '/' ? 0u : static_cast<unsigned char>(c); };
  return std::ranges::lexicographical_compare(a, b, std::less<>(), rank, rank);
}

/// Names from one up to, but not with, another, which is empty where there is no end.
struct name_range {
  std::string_view from;
  std::string_view to;

  bool holds(std::string_view name) const {
    return !comes_before(name, from) && (to.empty() || comes_before(name, to));
  }
  /// Of what is below a directory; `prefix` is its path with a slash.
  bool may_hold_below(std::string_view prefix) const {
    if (!to.empty() && !comes_before(prefix, to)) return false;
    return from.starts_with(prefix) || !comes_before(prefix, from);
  }
};

[[noreturn]] void fail(const std::string& directory, const std::error_code& why) {
  throw error(errc::failed, "entries_of: cannot read the directory " + directory + ": " + why.message());
}

class lister {
 public:
  lister(const std::string& top, bool recursive, name_range wanted, std::uint64_t most)
      : top_(top), recursive_(recursive), wanted_(wanted), most_(most) {}

  /// Sorted; when there are more than `most` of them, some that are more.
  std::vector<std::string> list() {
    open_.emplace_back();
    while (!open_.empty() && found_.size() <= most_) {
      const std::string prefix = std::move(open_.back());
      open_.pop_back();
      read_one(prefix);
    }
    std::ranges::sort(found_, comes_before);
    return std::move(found_);
  }

 private:
  void read_one(const std::string& prefix) {
    const std::string path = prefix.empty() ? top_ : top_ + "/" + prefix;
    std::error_code fault;
    fs::directory_iterator entry(path, fault);
    // What is gone has no entries; but the directory itself has to be there.
    if (fault == std::errc::no_such_file_or_directory && !prefix.empty()) return;
    for (; !fault && entry != fs::directory_iterator() && found_.size() <= most_; entry.increment(fault)) {
      std::string name = prefix + entry->path().filename().string();
      std::error_code gone;
      if (recursive_ && entry->symlink_status(gone).type() == fs::file_type::directory) {
        name += '/';
        if (wanted_.may_hold_below(name)) open_.push_back(std::move(name));
      } else if (wanted_.holds(name)) {
        found_.push_back(std::move(name));
      }
    }
    if (fault) fail(path, fault);
  }

  const std::string& top_;
  const bool recursive_;
  const name_range wanted_;
  const std::uint64_t most_;
  std::vector<std::string> open_;  ///< directories that are still to be read
  std::vector<std::string> found_;
};

}  // namespace

std::optional<entries_of::page> entries_of::read(std::uint64_t limit) const {
  page names = lister(directory_, recursive_, {from_, to_}, limit).list();
  if (names.size() > limit) return std::nullopt;
  return names;
}

std::vector<entries_of> entries_of::split(std::size_t n) const {
  const page names = lister(directory_, recursive_, {from_, to_}, std::numeric_limits<std::uint64_t>::max() - 1).list();
  const std::size_t count = std::min(n, names.size());
  std::vector<entries_of> parts(count, *this);
  for (std::size_t i = 1; i < count; ++i) {
    parts[i].from_ = names[detail::part_begin(names.size(), count, i)];
    parts[i - 1].to_ = parts[i].from_;
  }
  return parts;
}

}  // namespace banyan
