#pragma once

#include <QLoggingCategory>

namespace skillbox {

Q_DECLARE_LOGGING_CATEGORY(executionLog)

} // namespace skillbox
