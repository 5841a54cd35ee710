#include "engine/skill/path_rules.h"

#include <QStringDecoder>

namespace skillbox {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype maxComponentBytes = 255; // NAME_MAX on Linux

tl::unexpected<Error> refuse(QByteArrayView name, const QString &why)
{
    return fail(ErrorCode::InvalidSkill, u"entry %1 %2"_s.arg(quotedName(name), why));
}

/// Equal for names that differ only in case or composition (Unicode 3.13, canonical caseless
/// match). QString folds one character to one; upper case first brings "ß" and "SS" together too.
QString folded(const QByteArray &path)
{
    return QString::fromUtf8(path)
        .normalized(QString::NormalizationForm_D)
        .toUpper()
        .toCaseFolded()
        .normalized(QString::NormalizationForm_C);
}

} // namespace

Result<QByteArray> checkedPath(QByteArrayView name)
{
    if (name.isEmpty())
        return fail(ErrorCode::InvalidSkill, u"an entry has an empty name"_s);
    if (!QUtf8StringView(name.data(), name.size()).isValidUtf8())
        return refuse(name, u"has a name that is not UTF-8"_s);
    if (name.contains('\0'))
        return refuse(name, u"has a NUL in its name"_s);
    for (const QChar character : QString::fromUtf8(name)) {
        if (character.category() == QChar::Other_Control)
            return refuse(name, u"has a control character in its name"_s);
    }
    if (name.contains('\\'))
        return refuse(name, u"has a backslash in its name; paths are written with slashes"_s);
    if (name.startsWith('/'))
        return refuse(name, u"has an absolute path"_s);
    const auto isLetter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    if (name.size() >= 2 && name[1] == ':' && isLetter(name[0]))
        return refuse(name, u"begins with a drive letter"_s);

    QByteArray path;
    const QByteArray whole = QByteArray::fromRawData(name.data(), name.size());
    const QList<QByteArray> components = whole.split('/');
    for (qsizetype i = 0; i < components.size(); ++i) {
        const QByteArray &component = components[i];
        if (component == ".")
            continue;
        if (component.isEmpty()) {
            if (i == components.size() - 1)
                break;
            return refuse(name, u"has an empty component in its path"_s);
        }
        if (component == "..")
            return refuse(name, u"has a \"..\" component in its path"_s);
        if (component.size() > maxComponentBytes) {
            return refuse(name,
                          u"has a component of %1 bytes, over the limit of %2"_s
                              .arg(component.size())
                              .arg(maxComponentBytes));
        }
        if (!path.isEmpty())
            path += '/';
        path += component;
    }
    return path;
}

Result<void> checkPathLimits(const QByteArray &path, const ArchiveLimits &limits)
{
    if (path.size() > limits.pathBytes) {
        return fail(ErrorCode::TooLarge,
                    u"the path of %3 has %1 bytes, over the limit of %2"_s.arg(path.size())
                        .arg(limits.pathBytes)
                        .arg(quotedName(path)));
    }
    const qsizetype depth = path.count('/') + 1;
    if (depth > limits.depth) {
        return fail(ErrorCode::TooLarge,
                    u"%3 lies %1 levels deep, over the limit of %2"_s.arg(depth)
                        .arg(limits.depth)
                        .arg(quotedName(path)));
    }
    return {};
}

bool isDesktopLitter(QByteArrayView path)
{
    for (const QByteArray &component : path.toByteArray().split('/')) {
        if (component == "__MACOSX" || component == ".DS_Store" || component == "Thumbs.db")
            return true;
    }
    return false;
}

bool isManifestName(QByteArrayView path)
{
    return path == "SKILL.md" || path == "skill.md";
}

Result<void> PathSet::add(const QByteArray &path, EntryKind kind)
{
    for (qsizetype end = 0; end >= 0;) {
        end = path.indexOf('/', end + 1);
        const bool isLast = end < 0;
        const QByteArray part = isLast ? path : path.left(end);
        const EntryKind partKind = isLast ? kind : EntryKind::Directory;
        const auto known = m_known.find(folded(part));
        if (known == m_known.end()) {
            m_known.insert(folded(part), {part, partKind, isLast});
            continue;
        }
        if (known->path != part) {
            return refuse(path,
                          u"differs only in case or composition from %1"_s.arg(
                              quotedName(known->path)));
        }
        if (known->kind != partKind)
            return refuse(path, u"makes %1 both a file and a folder"_s.arg(quotedName(part)));
        if (isLast && known->listed)
            return refuse(path, u"is there twice"_s);
        known->listed = known->listed || isLast;
    }
    return {};
}

} // namespace skillbox
