// VPC links: records, so that integrations can name them. There is no VPC to reach.
#include "core/arn.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/patch.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace vpc_links_detail {

using Context = gateway::RequestContext;
using gateway::Output;
using Kind = PatchRule::Kind;

void check_name(const std::string& name) {
  if (name.empty()) throw errors::bad_request("Name cannot be empty");
}

// A link is pending while AWS answers its creation, and ready when it is asked for.
Json ready_view(Json link) {
  link[m::status] = "AVAILABLE";
  link[m::statusMessage] = "Your vpc link is ready for use";
  return link;
}

Json with_tags(Json link) {
  if (!link.contains(m::tags)) link[m::tags] = Json::object();
  return link;
}

Json load_link(const Control& control, const Context& context, const Json& input) {
  auto link = control.store.row(context.realm->id, kRecordKind,
                                {kVpcLinks, input[m::vpcLinkId].get<std::string>()});
  if (!link) throw errors::no_such_vpc_link();
  return *std::move(link);
}

void save_link(Control& control, Context& context, const Json& link) {
  storage::Batch batch;
  control.store.put_row(batch, context.realm->id, kRecordKind,
                        {kVpcLinks, link[m::id].get<std::string>()}, link);
  context.commit(batch);
}

Output create_vpc_link(Control& control, Context& context, Json input) {
  check_name(input[m::name]);
  for (const auto& target : input[m::targetArns]) {
    if (!Arn::parse(target.get<std::string>())) {
      throw errors::bad_request("Invalid ARN. ARN is not well formed " + target.get<std::string>());
    }
  }
  Json link = {{m::id, control.new_id(context, "vpc-link", 6)},
               {m::name, input[m::name]},
               {m::targetArns, input[m::targetArns]},
               {m::status, "PENDING"}};
  for (const char* member : {m::description, m::tags}) {
    if (input.contains(member)) link[member] = input[member];
  }
  save_link(control, context, link);
  return link;
}

Output get_vpc_link(Control& control, Context& context, Json input) {
  return with_tags(ready_view(load_link(control, context, input)));
}

Output get_vpc_links(Control& control, Context& context, Json input) {
  Json items = Json::array();
  for (auto& link : control.store.rows(context.realm->id, kRecordKind, {kVpcLinks})) {
    items.push_back(ready_view(std::move(link)));
  }
  return page_of(std::move(items), input);
}

Output update_vpc_link(Control& control, Context& context, Json input) {
  static const NamedPatches kRules{
      {{"/name", {Kind::text, check_name}}, {"/description", {Kind::text}}}, {}, {}};
  auto lock = control.lock_row(context, kRecordKind, "");
  Json link = load_link(control, context, input);
  apply_named_patches(link, input.value(m::patchOperations, Json()), kRules);
  save_link(control, context, link);
  return with_tags(ready_view(std::move(link)));
}

Output delete_vpc_link(Control& control, Context& context, Json input) {
  auto lock = control.lock_row(context, kRecordKind, "");
  Json link = load_link(control, context, input);
  storage::Batch batch;
  control.store.erase_row(batch, context.realm->id, kRecordKind,
                          {kVpcLinks, link[m::id].get<std::string>()});
  context.commit(batch);
  return Json::object();
}

}  // namespace vpc_links_detail

std::vector<ControlRow> vpc_link_rows() {
  namespace d = vpc_links_detail;
  constexpr auto kRecords = gateway::Fidelity::partial("a record; there is no VPC to reach");
  return {
      {"CreateVpcLink", d::create_vpc_link, "apigateway:POST", kRecords},
      {"GetVpcLink", d::get_vpc_link, "apigateway:GET"},
      {"GetVpcLinks", d::get_vpc_links, "apigateway:GET"},
      {"UpdateVpcLink", d::update_vpc_link, "apigateway:PATCH"},
      {"DeleteVpcLink", d::delete_vpc_link, "apigateway:DELETE"},
  };
}

}  // namespace paddock::services::apigateway
