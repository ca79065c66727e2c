#include "services/apigateway/control.hpp"

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/errors.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

Json Control::load_api(const Context& context, const Json& input) const {
  std::string id = input.at(m::restApiId).get<std::string>();
  return load_api_or(context, input, errors::no_such_api(context.account, id));
}

Json Control::load_api_or(const Context& context, const Json& input,
                          const AwsError& unknown) const {
  auto api = store.api(context.realm->id, input.at(m::restApiId).get<std::string>());
  if (!api) throw unknown;
  return *std::move(api);
}

std::unique_lock<std::mutex> Control::lock_api(const Context& context,
                                               const std::string& api) const {
  return lock_row(context, kRestApiKind, api);
}

std::unique_lock<std::mutex> Control::lock_row(const Context& context, storage::Kind kind,
                                               const std::string& id) const {
  return platform.locks.lock(storage::Key(context.realm->id, kind).text(id));
}

void Control::save_api(Context& context, const Json& api) {
  storage::Batch batch;
  store.put_api(batch, context.realm->id, api);
  context.commit(batch);
  changed(api[m::id].get<std::string>());
}

std::string Control::new_id(const Context& context, std::string_view kind, size_t length) const {
  return platform.ids.base36(context.realm->id, kind, length);
}

int64_t Control::next_number(const Context& context, std::string_view kind) const {
  std::string counter = "apigateway " + std::string(kind);
  return static_cast<int64_t>(platform.database.reserve(context.realm->id, counter, 1));
}

int64_t Control::now_seconds() const {
  return platform.world.now().ms / 1000 * 1000;
}

std::vector<ControlRow> control_rows() {
  std::vector<ControlRow> rows;
  for (auto part : {rest_api_rows,
                    resource_rows,
                    method_rows,
                    integration_rows,
                    deployment_rows,
                    stage_rows,
                    model_rows,
                    request_validator_rows,
                    gateway_response_rows,
                    authorizer_rows,
                    api_key_rows,
                    usage_plan_rows,
                    usage_rows,
                    documentation_rows,
                    domain_name_rows,
                    base_path_mapping_rows,
                    client_certificate_rows,
                    vpc_link_rows,
                    account_rows,
                    import_rows,
                    export_rows}) {
    std::vector<ControlRow> more = part();
    rows.insert(rows.end(), more.begin(), more.end());
  }
  return rows;
}

}  // namespace paddock::services::apigateway
