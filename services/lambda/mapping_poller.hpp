// What all event source mappings at work have in common; poller.hpp has the rules.
#pragma once

#include <string>

#include "gateway/platform.hpp"
#include "services/lambda/destinations.hpp"
#include "services/lambda/invoke_store.hpp"
#include "services/lambda/invoker.hpp"
#include "services/lambda/store.hpp"

namespace paddock::services::lambda {

// What a mapping needs of the rest; valid for its life.
struct PollerParts {
  gateway::Platform& platform;
  Store& store;
  InvokeStore& windows;
  Runnables& runnables;
  Invoker& invoker;
  Destinations& destinations;
};

// One event source mapping at work. Any thread may call.
class MappingPoller {
 public:
  virtual ~MappingPoller() = default;

  virtual void poke() = 0;  // something may be there to read
  virtual void reconfigure(const Mapping& mapping) = 0;
  virtual void retry_now() = 0;  // the function may work now: ends pauses between attempts
  virtual bool uses(const std::string& function) = 0;
  virtual void end() = 0;                    // at once: what runs is not committed
  virtual void mapping_deleted() { end(); }  // what runs may be finished
};

}  // namespace paddock::services::lambda
