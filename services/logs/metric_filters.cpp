// Metric filters: their operations, and what they count.
#include "events/metrics.hpp"
#include "services/logs/errors.hpp"
#include "services/logs/limits.hpp"
#include "services/logs/service.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::logs {
namespace metric_filters {

Json described(const Json& input, int64_t created_ms) {
  return {{members::filterName, input.at(members::filterName)},
          {members::filterPattern, input.at(members::filterPattern)},
          {members::metricTransformations, input.at(members::metricTransformations)},
          {members::applyOnTransformedLogs, input.value(members::applyOnTransformedLogs, false)},
          {members::creationTime, created_ms}};
}

// The filters that a search by metric asks for.
bool wanted(const Json& input, const Filter& filter) {
  const Json& transformation = filter.described.at(members::metricTransformations).at(0);
  for (const char* member : {members::metricName, members::metricNamespace}) {
    if (input.contains(member) && input[member] != transformation.at(member)) return false;
  }
  return true;
}

}  // namespace metric_filters

gateway::Output Logs::put_metric_filter(Context& context, Json input) {
  refuse_members(input, {members::fieldSelectionCriteria, members::emitSystemFieldDimensions});
  const Pattern pattern(input.at(members::filterPattern).get<std::string>(), "metric filter");
  check_transformation(input.at(members::metricTransformations).at(0), pattern);
  require_standard(require_group(context, input.at(members::logGroupName)));
  keep_filter(context, kMetricFilterKind, input.at(members::logGroupName),
              metric_filters::described(input, platform_.world.now().ms));
  return {};
}

// Of one group, or of all of them.
gateway::Output Logs::describe_metric_filters(Context& context, Json input) {
  if (input.contains(members::metricName) != input.contains(members::metricNamespace)) {
    throw errors::invalid("metricName and metricNamespace must be given together.");
  }
  Json answer = {{members::metricFilters, Json::array()}};
  Json& found = answer[members::metricFilters];
  const size_t most = input.value(members::limit, kMostDescribed);
  const std::string prefix = input.value(members::filterNamePrefix, std::string());
  // The last filter of the page before: its group's name and its own.
  const std::string after = page_after(input);
  const std::string after_group = after.substr(0, after.find('\n'));
  const std::string after_name =
      after.size() > after_group.size() ? after.substr(after_group.size() + 1) : std::string();
  const auto add = [&](const Group& group) {
    bool room = true;
    store_.filters(context.realm->id, kMetricFilterKind, group.id, prefix,
                   group.name == after_group ? after_name : std::string(),
                   [&](const Filter& filter) {
                     if (!metric_filters::wanted(input, filter)) return true;
                     if (found.size() == most) {
                       const Json& last = found.back();
                       answer[members::nextToken] =
                           page_token(last[members::logGroupName].get<std::string>() + '\n' +
                                      last[members::filterName].get<std::string>());
                       return room = false;
                     }
                     Json one = filter.described;
                     one[members::logGroupName] = group.name;
                     found.push_back(std::move(one));
                     return true;
                   });
    return room;
  };
  if (input.contains(members::logGroupName)) {
    add(require_group(context, input[members::logGroupName]));
    return answer;
  }
  store_.groups(context.realm->id, "", "", [&](const Group& group) {
    return group.name < after_group || group.metric_filters == 0 || add(group);
  });
  return answer;
}

gateway::Output Logs::delete_metric_filter(Context& context, Json input) {
  drop_filter(context, kMetricFilterKind, input);
  return {};
}

gateway::Output Logs::test_metric_filter(Context&, Json input) {
  const Pattern pattern(input.at(members::filterPattern).get<std::string>(), "metric filter");
  Json answer = {{members::matches, Json::array()}};
  const Json& messages = input.at(members::logEventMessages);
  for (size_t i = 0; i < messages.size(); ++i) {
    const std::string message = messages[i];
    const std::optional<Pattern::Values> values = pattern.extract(message);
    if (!values) continue;
    answer[members::matches].push_back({{members::eventNumber, i + 1},
                                        {members::eventMessage, message},
                                        {members::extractedValues, Json(*values)}});
  }
  return answer;
}

// After the events are written.
void Logs::count(const Realm& realm, const Group& group, const std::vector<Event>& events) {
  if (group.metric_filters == 0 || events.empty()) return;
  store_.filters(realm.id, kMetricFilterKind, group.id, "", "", [&](const Filter& filter) {
    const Pattern pattern(filter.pattern_text());
    for (const Event& event : events) {
      const std::optional<MetricPoint> point = metric_point(filter, pattern, event.message);
      if (!point) continue;
      platform_.metrics.add(realm.account, realm.region, point->name_space, point->name,
                            point->dimensions, point->unit, point->value);
    }
    return true;
  });
}

}  // namespace paddock::services::logs
