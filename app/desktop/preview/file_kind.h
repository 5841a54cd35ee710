#pragma once

#include <QByteArray>
#include <QString>

namespace skillbox {

/// What a file is, to be looked at.
enum class FileKind { Image, Svg, Pdf, Table, Json, Markdown, Html, Text, Binary };

/// By its first bytes where they tell, then by what is said of it and its name. A pure function.
FileKind fileKindOf(const QString &name, const QString &contentType, const QByteArray &firstBytes);

/// How many first bytes are enough.
constexpr qint64 tellingBytes = 8192;

} // namespace skillbox
