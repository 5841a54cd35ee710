#pragma once

#include <QString>

namespace skillbox {

/// Whether another program may be given this file without a question: it is shown there, and
/// nothing in it is run. Whatever is not known to be so is asked about.
bool opensHarmlessly(const QString &name, const QString &contentType);

} // namespace skillbox
