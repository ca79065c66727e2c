// PutRecord and PutRecords.
#include <algorithm>

#include "events/log_sequencer.hpp"
#include "models/kinesis.hpp"
#include "services/kinesis/errors.hpp"
#include "services/kinesis/limits.hpp"
#include "services/kinesis/service.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::kinesis {

namespace m = models::kinesis_members;

namespace putting {

std::string_view bytes_of(const Json& data) {
  const auto& bytes = data.get_binary();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string_view text_of(const Json& entry, const char* member) {
  const auto found = entry.find(member);
  if (found == entry.end()) return {};
  return found->get_ref<const std::string&>();
}

HashKey key_of(std::string_view partition_key, std::string_view explicit_key) {
  if (explicit_key.empty()) return hash_of(partition_key);
  const auto key = parse_hash_key(explicit_key);
  if (!key) throw errors::bad_hash_key(explicit_key);
  return *key;
}

void check_size(const StreamInfo& stream, std::string_view data, const std::string& member) {
  const uint64_t limit = stream.max_record_kib * 1024;
  if (data.size() > limit) throw errors::record_too_large(member.c_str(), limit);
}

}  // namespace putting

std::vector<Kinesis::Placed> Kinesis::put(Context& context, const StreamInfo& named,
                                          const std::vector<Entry>& entries) {
  std::vector<HashKey> keys;
  keys.reserve(entries.size());
  for (const Entry& entry : entries) {
    keys.push_back(putting::key_of(entry.partition_key, entry.explicit_hash_key));
  }
  const auto guard = platform_.locks.lock(stream_lock(named.realm, named.name));
  const StreamPtr stream = catalog_.find(named.realm, named.name);
  if (!stream || stream->number != named.number) throw errors::no_stream(named.name, named.account);
  const WorldTime now = platform_.world.now();
  std::vector<Placed> placed(entries.size());
  std::map<uint32_t, std::vector<size_t>> by_shard;
  for (size_t i = 0; i < entries.size(); ++i) {
    placed[i].shard = stream->shard_of(keys[i]).index;
    if (throttle_.on()) {
      const std::string log = shard_prefix(stream->realm, stream->number, placed[i].shard);
      const double size =
          static_cast<double>(entries[i].data.size() + entries[i].partition_key.size());
      const bool fits = throttle_.take(log, Throttle::Kind::records_in, 1, now) &&
                        throttle_.take(log, Throttle::Kind::bytes_in, size, now);
      if (!fits && throttle_.mode() == Throttle::Mode::enforce) continue;
    }
    by_shard[placed[i].shard].push_back(i);
  }
  storage::Batch batch;
  for (const auto& [index, of_shard] : by_shard) {
    const Shard& shard = *stream->find(index);
    const std::string log = shard_prefix(stream->realm, stream->number, index);
    events::Ticket ticket = platform_.sequencer.take(log, of_shard.size());
    uint64_t position = ticket.first();
    // Before the ticket, whose release wakes readers.
    batch.after_commit(
        [this, log, key = record_key(stream->realm, stream->number, index, position).bytes()](
            uint64_t) { records_.inserted(log, key); });
    for (const size_t i : of_shard) {
      Record record;
      record.arrived = now;
      record.cause = context.cause;
      record.partition_key = entries[i].partition_key;
      record.explicit_hash_key = entries[i].explicit_hash_key;
      record.data = entries[i].data;
      batch.put(storage::Family::log, record_key(stream->realm, stream->number, index, position),
                encode_record(record));
      placed[i].sequence_number = sequence_number(shard, position, now.ms);
      ++position;
    }
    std::move(ticket).attach(batch);
  }
  if (!batch.empty()) context.commit(batch);
  return placed;
}

Kinesis::Output Kinesis::put_record(Context& context, Json input) {
  const StreamPtr stream = require_stream(context, input);
  Entry entry;
  entry.data = putting::bytes_of(input.at(m::Data));
  entry.partition_key = putting::text_of(input, m::PartitionKey);
  entry.explicit_hash_key = putting::text_of(input, m::ExplicitHashKey);
  putting::check_size(*stream, entry.data, "data");
  if (input.contains(m::SequenceNumberForOrdering)) {
    const std::string& text = input[m::SequenceNumberForOrdering].get_ref<const std::string&>();
    const auto number = SequenceNumber::parse(text);
    if (!number || number->arrived_s > platform_.world.now().ms / 1000) {
      throw errors::bad_minimum_number(text, *stream);
    }
  }
  const std::vector<Entry> entries{entry};
  const Placed placed = put(context, *stream, entries).front();
  if (placed.sequence_number.empty()) throw errors::throughput(*stream, placed.shard);
  Json output = {{m::ShardId, shard_id(placed.shard)}, {m::SequenceNumber, placed.sequence_number}};
  if (!stream->key_id.empty()) output[m::EncryptionType] = "KMS";
  return output;
}

Kinesis::Output Kinesis::put_records(Context& context, Json input) {
  const StreamPtr stream = require_stream(context, input);
  std::vector<Entry> entries;
  size_t bytes = 0;
  for (const Json& record : input.at(m::Records)) {
    Entry entry;
    entry.data = putting::bytes_of(record.at(m::Data));
    entry.partition_key = putting::text_of(record, m::PartitionKey);
    entry.explicit_hash_key = putting::text_of(record, m::ExplicitHashKey);
    putting::check_size(*stream, entry.data,
                        "records." + std::to_string(entries.size() + 1) + ".member.data");
    bytes += entry.data.size() + entry.partition_key.size();
    entries.push_back(entry);
  }
  if (bytes > limits::kPutBytes) throw errors::records_too_large();
  size_t failed = 0;
  Json records = Json::array();
  for (const Placed& placed : put(context, *stream, entries)) {
    if (placed.sequence_number.empty()) {
      ++failed;
      records.push_back({{m::ErrorCode, "ProvisionedThroughputExceededException"},
                         {m::ErrorMessage, errors::throughput(*stream, placed.shard).message()}});
    } else {
      records.push_back(
          {{m::ShardId, shard_id(placed.shard)}, {m::SequenceNumber, placed.sequence_number}});
    }
  }
  Json output = {{m::FailedRecordCount, failed}, {m::Records, std::move(records)}};
  if (!stream->key_id.empty()) output[m::EncryptionType] = "KMS";
  return output;
}

}  // namespace paddock::services::kinesis
