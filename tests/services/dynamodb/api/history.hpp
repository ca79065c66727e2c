// A history of transactions on versioned registers, and whether some serial order explains it.
//
// Every write of a register raises its version by one, and every transaction says which versions it
// saw. The order of the versions gives the edges of Adya's serialisation graph: a version's writer
// comes before whoever saw it, and whoever saw it before the writer of the next. Transactions that
// ended before another began come before it. The history is (strictly) serialisable if there is no
// cycle.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace paddock::testing {

struct HistoryEvent {
  struct Access {
    size_t item;
    uint64_t version;    // that it saw
    bool wrote = false;  // then it made version + 1
  };
  uint64_t began = 0;  // readings of one counter
  uint64_t ended = 0;
  std::vector<Access> accesses;
};

class History {
 public:
  void add(HistoryEvent event) {  // thread-safe
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
  }
  size_t size() const { return events_.size(); }

  // "" if it is serialisable, else what is wrong.
  std::string fault() const {
    std::map<std::pair<size_t, uint64_t>, size_t> writers;  // of a version
    for (size_t i = 0; i < events_.size(); ++i) {
      for (const auto& access : events_[i].accesses) {
        if (!access.wrote) continue;
        if (!writers.emplace(std::pair(access.item, access.version + 1), i).second) {
          return "two writers of version " + std::to_string(access.version + 1) + " of item " +
                 std::to_string(access.item);
        }
      }
    }
    Graph graph(2 * events_.size());  // an event, then the moments at which events ended
    for (size_t i = 0; i < events_.size(); ++i) {
      for (const auto& access : events_[i].accesses) {
        const auto writer = writers.find({access.item, access.version});
        if (access.version > 0 && writer == writers.end()) {
          return "version " + std::to_string(access.version) + " of item " +
                 std::to_string(access.item) + " was seen but never written";
        }
        if (writer != writers.end()) graph.edge(writer->second, i);
        const auto next = writers.find({access.item, access.version + 1});
        if (next != writers.end() && next->second != i) graph.edge(i, next->second);
      }
    }
    add_real_time(graph);
    return graph.cyclic() ? "no serial order explains what was seen" : "";
  }

 private:
  class Graph {
   public:
    explicit Graph(size_t nodes) : next_(nodes), before_(nodes) {}
    void edge(size_t from, size_t to) {
      next_[from].push_back(to);
      ++before_[to];
    }
    bool cyclic() {
      std::vector<size_t> free;
      for (size_t i = 0; i < next_.size(); ++i) {
        if (before_[i] == 0) free.push_back(i);
      }
      size_t sorted = 0;
      while (!free.empty()) {
        const size_t node = free.back();
        free.pop_back();
        ++sorted;
        for (const size_t next : next_[node]) {
          if (--before_[next] == 0) free.push_back(next);
        }
      }
      return sorted < next_.size();
    }

   private:
    std::vector<std::vector<size_t>> next_;
    std::vector<size_t> before_;
  };

  void add_real_time(Graph& graph) const {
    std::vector<std::pair<uint64_t, size_t>> ends;
    for (size_t i = 0; i < events_.size(); ++i) ends.emplace_back(events_[i].ended, i);
    std::sort(ends.begin(), ends.end());
    for (size_t i = 0; i < ends.size(); ++i) {
      graph.edge(ends[i].second, events_.size() + i);
      if (i > 0) graph.edge(events_.size() + i - 1, events_.size() + i);
    }
    for (size_t i = 0; i < events_.size(); ++i) {
      const auto after =
          std::lower_bound(ends.begin(), ends.end(), std::pair(events_[i].began, size_t{0}));
      if (after == ends.begin()) continue;
      graph.edge(events_.size() + static_cast<size_t>(after - ends.begin()) - 1, i);
    }
  }

  std::mutex mutex_;
  std::vector<HistoryEvent> events_;
};

}  // namespace paddock::testing
