#pragma once

#include "engine/base/json_text.h"
#include "engine/base/result.h"

#include <QMap>
#include <QStringList>

#include <limits>
#include <optional>

namespace skillbox {

/// Reads the members of a request's JSON object. Unknown members are ignored, of one that comes
/// twice the last counts, null is as good as left out. The first member that is missing or of the
/// wrong type is kept as the error, naming it (`input_files[2] must be a string`): read everything,
/// then ask once.
class JsonReader
{
public:
    /// BadRequest for what is not one JSON object, naming line and column.
    static Result<JsonReader> parse(QByteArrayView body);
    /// Over what is known to be an object; anything else has no members.
    static JsonReader over(JsonText object);

    bool has(QLatin1StringView name) const { return !raw(name).isEmpty(); }
    /// The member is there, and it is null.
    bool isNull(QLatin1StringView name) const;
    QString requiredText(QLatin1StringView name);
    QString text(QLatin1StringView name, const QString &standard = {});
    bool flag(QLatin1StringView name, bool standard = false);
    std::optional<qint64> number(QLatin1StringView name, qint64 least = 0,
                                 qint64 most = std::numeric_limits<qint64>::max());
    QStringList texts(QLatin1StringView name);
    QMap<QString, QString> textMap(QLatin1StringView name);
    /// Any value, its numbers and members as they were written; empty: none.
    JsonText value(QLatin1StringView name);

    /// For what a caller finds wrong with a value itself. The first one stays.
    void refuse(const QString &message);
    const std::optional<Error> &error() const { return m_error; }

private:
    const QByteArrayView *find(QLatin1StringView name) const;
    QByteArrayView raw(QLatin1StringView name) const;

    JsonText m_text;
    QList<std::pair<QString, QByteArrayView>> m_members; ///< values point into m_text
    std::optional<Error> m_error;
};

/// The elements of an array; none of anything else.
QList<JsonText> elementsOf(const JsonText &array);

} // namespace skillbox
