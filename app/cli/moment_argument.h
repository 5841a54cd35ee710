#pragma once

#include "engine/base/result.h"

#include <QDateTime>

namespace skillbox {

/// On which side of now a span such as `90d` lies.
enum class Span { Ahead, Ago };

/// A moment as people write it: `90d`, `2w`, `12h`, `1h30m` from now, a date (its first moment in
/// UTC), or RFC 3339 with an offset. BadRequest naming the option.
Result<QDateTime> parseMoment(const QString &option, const QString &text, const QDateTime &now,
                              Span span);

} // namespace skillbox
