#include "engine/storage/records.h"

namespace skillbox {

QLatin1StringView executionStatusName(ExecutionStatus status)
{
    switch (status) {
    case ExecutionStatus::Queued: return QLatin1StringView("queued");
    case ExecutionStatus::Running: return QLatin1StringView("running");
    case ExecutionStatus::Success: return QLatin1StringView("success");
    case ExecutionStatus::Failed: return QLatin1StringView("failed");
    case ExecutionStatus::Timeout: return QLatin1StringView("timeout");
    case ExecutionStatus::Cancelled: break;
    }
    return QLatin1StringView("cancelled");
}

std::optional<ExecutionStatus> executionStatusFromName(QStringView name)
{
    for (ExecutionStatus status :
         {ExecutionStatus::Queued, ExecutionStatus::Running, ExecutionStatus::Success,
          ExecutionStatus::Failed, ExecutionStatus::Timeout, ExecutionStatus::Cancelled}) {
        if (name == executionStatusName(status))
            return status;
    }
    return std::nullopt;
}

} // namespace skillbox
