#pragma once

#include <QString>

namespace skillbox {

/// By extension; `application/octet-stream` for what the table does not know.
QString contentTypeOf(QStringView path);

} // namespace skillbox
