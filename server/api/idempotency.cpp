#include "server/api/idempotency.h"

using namespace Qt::StringLiterals;

namespace skillbox {

Result<QString> idempotencyKeyOf(const HttpRequest &request)
{
    const QList<QByteArray> fields = request.headers.values("Idempotency-Key");
    if (fields.isEmpty())
        return QString();
    QByteArray key = fields.first().trimmed();
    if (key.size() >= 2 && key.startsWith('"') && key.endsWith('"'))
        key = key.sliced(1, key.size() - 2);
    const bool isPrintable = std::all_of(key.begin(), key.end(),
                                         [](char c) { return c >= 0x20 && c < 0x7f; });
    if (fields.size() > 1 || key.isEmpty() || key.size() > 255 || !isPrintable) {
        return fail(ErrorCode::BadRequest,
                    u"Idempotency-Key must be one text of 1 to 255 printable characters"_s);
    }
    return QString::fromLatin1(key);
}

bool prefersAsync(const HttpHeaders &headers)
{
    const QList<QByteArray> fields = headers.values("Prefer");
    for (const QByteArray &field : fields) {
        for (const QByteArray &preference : field.split(',')) {
            const QByteArray name = preference.split(';').first().trimmed(); // before parameters
            if (name.compare("respond-async", Qt::CaseInsensitive) == 0)
                return true;
        }
    }
    return false;
}

} // namespace skillbox
