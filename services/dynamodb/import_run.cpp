#include "services/dynamodb/import_run.hpp"

#include "events/log_sink.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/store.hpp"
#include "services/dynamodb/validation.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using storage::Family;

namespace import_runs {

constexpr size_t kMostLogged = 1000;  // errors of one import
constexpr size_t kLoggedAtOnce = 100;

const Json& csv_options(const Transfer& transfer) {
  return member_or_null(member_or_null(transfer.shown, m::InputFormatOptions), m::Csv);
}

}  // namespace import_runs

void ImportRun::prepare() {
  const auto rows = items_prefix(*table_);
  const auto entries = entries_prefix(*table_);
  storage::Batch leftover;
  leftover.erase_range(Family::rows, rows, storage::prefix_end(rows));
  leftover.erase_range(Family::index, entries, storage::prefix_end(entries));
  platform_.database.commit(leftover);
}

void ImportRun::begin_object(const std::string& key) {
  object_ = key;
  index_ = 0;
  broken_ = false;
  const bool csv = transfer_.shown.at(m::InputFormat) == "CSV";
  cutter_.emplace(csv);
  gunzip_.reset();
  if (transfer_.shown.at(m::InputCompressionType) == "GZIP") gunzip_ = std::make_unique<Gunzip>();
  header_.clear();
  const Json& list = member_or_null(import_runs::csv_options(transfer_), m::HeaderList);
  if (!list.is_null()) header_ = list.get<std::vector<std::string>>();
}

bool ImportRun::feed(std::string_view bytes) {
  const auto record = [this](std::string_view text) { take(text); };
  const auto text = [this, &record](std::string_view plain) {
    processed_bytes += static_cast<int64_t>(plain.size());
    cutter_->feed(plain, record);
  };
  try {
    if (gunzip_) {
      gunzip_->feed(bytes, text);
    } else {
      text(bytes);
    }
  } catch (const AwsError& error) {  // the object's, not a record's
    fail(error.message());
    broken_ = true;
  }
  return !broken_;
}

void ImportRun::end_object() {
  if (broken_) return;
  try {
    if (gunzip_) gunzip_->finish();
    cutter_->finish([this](std::string_view text) { take(text); });
  } catch (const AwsError& error) {
    fail(error.message());
  }
}

void ImportRun::take(std::string_view record) {
  const bool csv = transfer_.shown.at(m::InputFormat) == "CSV";
  std::string message;
  try {
    if (!csv) {
      ++processed;
      put(json_item(record));
    } else {
      const std::string delimiter =
          import_runs::csv_options(transfer_).is_null()
              ? ","
              : import_runs::csv_options(transfer_).value(m::Delimiter, ",");
      std::vector<std::string> fields = csv_fields(record, delimiter.front());
      if (header_.empty()) {
        header_ = std::move(fields);
        return;
      }
      ++processed;
      put(csv_item(*table_, header_, fields));
    }
  } catch (const AwsError& error) {
    message = error.message();
  }
  if (!message.empty()) fail(message);
  ++index_;
}

void ImportRun::put(const Item& item) {
  const std::string bytes = encode(item);
  const ItemView view(bytes);
  if (item_size(view) > kMaxItemBytes) {
    fail_validation("Item size has exceeded the maximum allowed size");
  }
  check_item(*table_, view);
  const ItemKey key = item_key(*table_, view);
  batch_.put(Family::rows, key.bytes, bytes);
  ++imported;
  if (batch_.bytes() < kCopyBatchBytes) return;
  platform_.database.commit(batch_);
}

void ImportRun::fail(const std::string& message) {
  ++errors;
  if (logged_ == import_runs::kMostLogged) return;
  ++logged_;
  const Json line = {{"itemS3Pointer",
                      {{"bucket", transfer_.shown.at(m::S3BucketSource).at(m::S3Bucket)},
                       {"key", object_},
                       {"itemIndex", index_}}},
                     {"importArn", transfer_.shown.at(m::ImportArn)},
                     {"errorMessages", Json::array({message})}};
  log_.push_back(line.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void ImportRun::flush() {
  if (!batch_.empty()) platform_.database.commit(batch_);
  std::vector<std::string> lines = std::exchange(log_, {});
  if (!platform_.log_sink.sink || lines.empty()) return;
  for (size_t at = 0; at < lines.size(); at += import_runs::kLoggedAtOnce) {
    std::vector<events::LogLine> part;
    for (size_t i = at; i < std::min(lines.size(), at + import_runs::kLoggedAtOnce); ++i) {
      part.push_back({platform_.world.now(), lines[i] + "\n"});
    }
    platform_.log_sink.sink->append(transfer_.account, transfer_.region, kImportLogGroup,
                                    transfer_.id + "/error", std::move(part));
  }
}

}  // namespace paddock::services::dynamodb
