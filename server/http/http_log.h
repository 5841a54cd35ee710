#pragma once

#include <QLoggingCategory>

namespace skillbox {

Q_DECLARE_LOGGING_CATEGORY(httpLog)

} // namespace skillbox
