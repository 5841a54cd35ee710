#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QString>

namespace skillbox {

/// A name from an archive or a folder as text for a message: in quotes, cut at 200 characters,
/// with bytes that are not UTF-8 and characters that cannot be seen written as `\xNN` or `\u{N}`.
/// It may hold `%1`: in a chain of QString::arg it must be the last.
QString quotedName(QByteArrayView name);
inline QString quotedName(const QByteArray &name)
{
    return quotedName(QByteArrayView(name));
}
QString quotedName(const QString &name);

} // namespace skillbox
