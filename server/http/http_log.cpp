#include "server/http/http_log.h"

namespace skillbox {

Q_LOGGING_CATEGORY(httpLog, "skillbox.http", QtInfoMsg)

} // namespace skillbox
