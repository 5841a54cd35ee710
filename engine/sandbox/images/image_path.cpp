#include "engine/sandbox/images/image_path.h"

#include "engine/base/quoted_name.h"

#include <climits>

using namespace Qt::StringLiterals;

namespace skillbox {

tl::unexpected<Error> refusedEntry(QByteArrayView name, const QString &why)
{
    return fail(ErrorCode::BadRequest, u"entry "_s + quotedName(name) + u' ' + why);
}

Result<QByteArray> imagePath(QByteArrayView name, const ImageLimits &limits)
{
    if (name.isEmpty())
        return fail(ErrorCode::BadRequest, u"an entry has an empty name"_s);
    if (name.contains('\0'))
        return refusedEntry(name, u"has a NUL in its name"_s);
    if (name.startsWith('/'))
        return refusedEntry(name, u"has an absolute path"_s);
    if (name.size() > limits.pathBytes) {
        return fail(ErrorCode::TooLarge,
                    u"the path of an entry has %1 bytes, over the limit of %2: %3"_s
                        .arg(name.size())
                        .arg(limits.pathBytes)
                        .arg(quotedName(name)));
    }
    QByteArrayList kept;
    const QByteArrayList components = name.toByteArray().split('/');
    for (qsizetype i = 0; i < components.size(); ++i) {
        const QByteArray &component = components[i];
        if (component == "." || (component.isEmpty() && i == components.size() - 1))
            continue;
        if (component.isEmpty())
            return refusedEntry(name, u"has an empty component in its path"_s);
        if (component == "..")
            return refusedEntry(name, u"has a \"..\" component in its path"_s);
        if (component.size() > NAME_MAX)
            return refusedEntry(name, u"has a component of more than %1 bytes"_s.arg(NAME_MAX));
        kept += component;
    }
    if (kept.size() > limits.depth) {
        return fail(ErrorCode::TooLarge,
                    u"an entry lies %1 levels deep, over the limit of %2: %3"_s.arg(kept.size())
                        .arg(limits.depth)
                        .arg(quotedName(name)));
    }
    return kept.join('/');
}

QByteArray parentOf(const QByteArray &path)
{
    return path.first(qMax(qsizetype(0), path.lastIndexOf('/')));
}

QByteArray baseNameOf(const QByteArray &path)
{
    return path.sliced(path.lastIndexOf('/') + 1);
}

} // namespace skillbox
