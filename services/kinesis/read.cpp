// Iterators and what they read.
#include <algorithm>
#include <charconv>

#include "core/ids.hpp"
#include "core/text.hpp"
#include "events/log_sequencer.hpp"
#include "events/waiters.hpp"
#include "models/kinesis.hpp"
#include "services/kinesis/errors.hpp"
#include "services/kinesis/limits.hpp"
#include "services/kinesis/service.hpp"

namespace paddock::services::kinesis {

namespace m = models::kinesis_members;

namespace reading {

// "Thu Jan 22 01:22:02 UTC 2015"
std::string java_date(int64_t ms) {
  const std::string http = http_date(ms);  // "Thu, 22 Jan 2015 01:22:02 GMT"
  return http.substr(0, 3) + " " + http.substr(8, 3) + " " + http.substr(5, 2) + " " +
         http.substr(17, 8) + " UTC " + http.substr(12, 4);
}

void append_record(std::string& text, const StreamInfo& stream, const Shard& shard,
                   uint64_t position, const Record& record) {
  text += "{\"SequenceNumber\":\"";
  text += sequence_number(shard, position, record.arrived.ms);
  text += "\",\"ApproximateArrivalTimestamp\":";
  text += std::to_string(record.arrived.ms / 1000);
  const int64_t thousandths = record.arrived.ms % 1000;
  if (thousandths != 0) {
    const std::string digits = std::to_string(1000 + thousandths).substr(1);
    text += '.' + digits.substr(0, digits.find_last_not_of('0') + 1);
  }
  text += ",\"Data\":\"";
  text += to_base64(record.data);
  text += "\",\"PartitionKey\":";
  append_json_string(text, record.partition_key);
  if (!stream.key_id.empty()) text += ",\"EncryptionType\":\"KMS\"";
  text += '}';
}

}  // namespace reading

const Shard& Kinesis::require_shard(const StreamInfo& stream, std::string_view id) const {
  const auto index = shard_index(id);
  if (!index) throw errors::could_not_find_shard(id, stream);
  const Shard* shard = stream.find(*index);
  if (shard == nullptr) throw errors::no_shard(shard_id(*index), stream.name, stream.account);
  return *shard;
}

uint64_t Kinesis::readable_end(const StreamInfo& stream, const Shard& shard) {
  return std::min(
      platform_.sequencer.readable_end(shard_prefix(stream.realm, stream.number, shard.index)),
      shard.bound());
}

uint64_t Kinesis::first_since(const StreamInfo& stream, const Shard& shard, WorldTime since) {
  const std::string log = shard_prefix(stream.realm, stream.number, shard.index);
  const uint64_t end = readable_end(stream, shard);
  const auto oldest = records_.front(log);
  if (!oldest) return end;
  uint64_t low = position_in(oldest->key);
  if (low >= end || arrival_in(oldest->value) >= since) return std::min(low, end);
  uint64_t high = end;
  const auto to = record_key(stream.realm, stream.number, shard.index, end);
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    const auto from = record_key(stream.realm, stream.number, shard.index, middle);
    const auto row = platform_.database.iterate(storage::Family::log, from, to);
    if (row.valid() && arrival_in(row.value()) < since) {
      low = position_in(row.key()) + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

Kinesis::Page Kinesis::walk(const StreamInfo& stream, const Shard& shard, uint64_t position,
                            size_t most, size_t most_bytes,
                            const std::function<void(uint64_t position, const Record&)>& visit) {
  Page page;
  const uint64_t end = readable_end(stream, shard);
  const WorldTime horizon = platform_.world.now() - stream.retention();
  page.next = std::max(position, std::min(first_since(stream, shard, horizon), end));
  if (page.next < end) {
    const auto from = record_key(stream.realm, stream.number, shard.index, page.next);
    const auto to = record_key(stream.realm, stream.number, shard.index, end);
    auto row = platform_.database.iterate(storage::Family::log, from, to);
    for (; row.valid(); row.next()) {
      const uint64_t at = position_in(row.key());
      const Record record = decode_record(row.value());
      const size_t bytes = record.data.size() + record.partition_key.size();
      if (page.records == most || (page.records > 0 && page.bytes + bytes > most_bytes)) break;
      visit(at, record);
      ++page.records;
      page.bytes += bytes;
      page.last = record.arrived;
      page.next = at + 1;
    }
    if (!row.valid()) page.next = end;
  }
  page.at_tip = page.next >= end;
  page.end_of_shard = page.next >= shard.bound();
  return page;
}

Kinesis::Page Kinesis::append_records(const StreamInfo& stream, const Shard& shard,
                                      uint64_t position, size_t most, std::string& text) {
  text += '[';
  const Page page = walk(stream, shard, position, most, limits::kGetBytes,
                         [&](uint64_t at, const Record& record) {
                           if (text.back() != '[') text += ',';
                           reading::append_record(text, stream, shard, at, record);
                         });
  text += ']';
  return page;
}

Json Kinesis::behind(const Page& page) const {
  return page.at_tip ? 0 : std::max<int64_t>(0, (platform_.world.now() - page.last).count());
}

uint64_t Kinesis::start_of(const StreamInfo& stream, const Shard& shard, std::string_view operation,
                           std::string_view type, const Json& number, const Json& timestamp) {
  const uint64_t bound = readable_end(stream, shard);
  const bool by_number = type == "AT_SEQUENCE_NUMBER" || type == "AFTER_SEQUENCE_NUMBER";
  if (by_number != !number.is_null()) {
    if (by_number || type == "TRIM_HORIZON" || type == "LATEST") {
      throw errors::iterator_type(type, !number.is_null());
    }
  }
  if (by_number) {
    const std::string& text = number.get_ref<const std::string&>();
    const auto given = SequenceNumber::parse(text);
    if (!given) throw errors::bad_starting_number(text, operation, shard.index, stream, false);
    if (given->shard != shard.index) {
      throw errors::number_of_other_shard(given->shard, shard.index);
    }
    if (given->opened_s != shard.opened_ms / 1000) {
      throw errors::bad_starting_number(text, operation, shard.index, stream, true);
    }
    return std::min(given->position + (type == "AFTER_SEQUENCE_NUMBER" ? 1 : 0), shard.bound());
  }
  if (type == "LATEST") return bound;
  if (type == "TRIM_HORIZON") return 1;
  if (timestamp.is_null()) throw errors::no_timestamp();
  const WorldTime now = platform_.world.now();
  if (timestamp.get<int64_t>() > now.ms) {
    throw errors::future_timestamp(timestamp.get<int64_t>(), now.ms);
  }
  return first_since(stream, shard, WorldTime{timestamp.get<int64_t>()});
}

Kinesis::Output Kinesis::get_shard_iterator(Context& context, Json input) {
  const StreamPtr stream = require_stream(context, input);
  const Shard& shard = require_shard(*stream, input.at(m::ShardId).get_ref<const std::string&>());
  ShardIterator iterator;
  iterator.realm = stream->realm;
  iterator.stream = stream->number;
  iterator.name = stream->name;
  iterator.shard = shard.index;
  iterator.issued_ms = platform_.world.now().ms;
  iterator.position =
      start_of(*stream, shard, "GetShardIterator",
               input.at(m::ShardIteratorType).get_ref<const std::string&>(),
               input.value(m::StartingSequenceNumber, Json()), input.value(m::Timestamp, Json()));
  return Json{{m::ShardIterator, iterator.text(platform_.ids.seed())}};
}

Kinesis::Found Kinesis::check_iterator(const Context& context, const Json& input) {
  auto iterator = ShardIterator::parse(input.at(m::ShardIterator).get_ref<const std::string&>(),
                                       platform_.ids.seed());
  if (!iterator) throw errors::bad_iterator();
  StreamPtr named;
  if (input.contains(m::StreamARN)) named = require_stream(context, input);
  const RealmId realm = named ? named->realm : context.realm->id;
  if (iterator->realm != realm || (named && named->number != iterator->stream)) {
    throw errors::bad_iterator();
  }
  const WorldTime now = platform_.world.now();
  if (now - WorldTime{iterator->issued_ms} > limits::kIteratorLife) {
    throw errors::expired_iterator(reading::java_date(iterator->issued_ms),
                                   reading::java_date(now.ms));
  }
  Found found;
  found.stream = catalog_.find(realm, iterator->name);
  if (!found.stream || found.stream->number != iterator->stream ||
      found.stream->find(iterator->shard) == nullptr) {
    throw errors::no_shard(shard_id(iterator->shard), iterator->name, context.account);
  }
  found.iterator = *std::move(iterator);
  found.limit = input.value(m::Limit, limits::kGetRecords);
  return found;
}

Kinesis::Output Kinesis::answer(const Found& found, std::string text, const Page& page) {
  std::string out = "{\"Records\":" + std::move(text);
  out += ",\"MillisBehindLatest\":" + behind(page).dump();
  if (page.end_of_shard) {
    // The iterator may be older than the split that closed the shard.
    out += ",\"ChildShards\":" + children_json(*found.stream, found.iterator.shard).dump();
  } else {
    ShardIterator next = found.iterator;
    next.position = page.next;
    next.issued_ms = platform_.world.now().ms;
    next.after_empty = page.records == 0;
    out += ",\"NextShardIterator\":\"" + next.text(platform_.ids.seed()) + '"';
  }
  return Output::text(out + '}');
}

// Who asks an empty shard again and again gets every answer a little later, or when there is a
// record: AWS would refuse more than five reads a second.
Task<Kinesis::Output> Kinesis::get_records(Context& context, Json input) {
  Found found = check_iterator(context, input);
  const std::string log =
      shard_prefix(found.stream->realm, found.stream->number, found.iterator.shard);
  if (throttle_.on()) {
    const WorldTime now = platform_.world.now();
    const bool fits = throttle_.take(log, Throttle::Kind::reads, 1, now) &&
                      throttle_.take(log, Throttle::Kind::bytes_out, 0, now);
    if (!fits && throttle_.mode() == Throttle::Mode::enforce) {
      throw errors::throughput(*found.stream, found.iterator.shard);
    }
  }
  events::Waiter waiter = platform_.waiters.prepare(log);
  std::string text;
  Page page = append_records(*found.stream, *found.stream->find(found.iterator.shard),
                             found.iterator.position, found.limit, text);
  const WorldTime paced = WorldTime{found.iterator.issued_ms} + limits::kEmptyReadPace;
  if (page.records == 0 && !page.end_of_shard && found.iterator.after_empty && !throttle_.on() &&
      platform_.world.now() < paced) {
    context.activity.release();
    co_await waiter.wait(paced, context.cancelled);
    found.stream = catalog_.find(found.stream->realm, found.stream->name);
    if (!found.stream || found.stream->number != found.iterator.stream ||
        found.stream->find(found.iterator.shard) == nullptr) {
      throw errors::no_shard(shard_id(found.iterator.shard), found.iterator.name, context.account);
    }
    text.clear();
    page = append_records(*found.stream, *found.stream->find(found.iterator.shard),
                          found.iterator.position, found.limit, text);
  }
  if (throttle_.on()) {
    throttle_.take(log, Throttle::Kind::bytes_out, static_cast<double>(page.bytes),
                   platform_.world.now());
  }
  co_return answer(found, std::move(text), page);
}

}  // namespace paddock::services::kinesis
