#include "engine/skill/checker/package_names.h"

#include <QFile>

using namespace Qt::StringLiterals;

/// A static library's resources are dropped by the linker unless something asks for them; the macro
/// must stand outside of any namespace.
static void keepPackageResources()
{
    Q_INIT_RESOURCE(packages);
}

namespace skillbox {
namespace {

/// Shorter names are a letter away from too many others.
constexpr qsizetype minNameLength = 5;

/// At most one insertion, deletion, change or swap of neighbours apart.
bool isOneEdit(const QString &a, const QString &b)
{
    if (a == b || std::abs(a.size() - b.size()) > 1)
        return false;
    qsizetype start = 0;
    while (start < a.size() && start < b.size() && a[start] == b[start])
        ++start;
    qsizetype endA = a.size();
    qsizetype endB = b.size();
    while (endA > start && endB > start && a[endA - 1] == b[endB - 1]) {
        --endA;
        --endB;
    }
    const qsizetype left = endA - start;
    const qsizetype right = endB - start;
    return (left <= 1 && right <= 1)
        || (left == 2 && right == 2 && a[start] == b[start + 1] && a[start + 1] == b[start]);
}

/// A number at the end tells versions and variants apart, not typing errors.
bool differInNumbersOnly(const QString &a, const QString &b)
{
    const auto letters = [](const QString &name) {
        QString kept;
        for (const QChar c : name) {
            if (!c.isDigit())
                kept += c;
        }
        return kept;
    };
    return letters(a) == letters(b);
}

} // namespace

QString PackageNames::normalised(PackageIndex index, QString name)
{
    name = name.toLower();
    if (index == PackageIndex::PyPi) {
        name.replace(u'_', u'-').replace(u'.', u'-');
        while (name.contains(u"--"_s))
            name.replace(u"--"_s, u"-"_s);
    }
    return name;
}

const PackageNames &PackageNames::of(PackageIndex index)
{
    static const PackageNames pypi(PackageIndex::PyPi);
    static const PackageNames npm(PackageIndex::Npm);
    return index == PackageIndex::PyPi ? pypi : npm;
}

PackageNames::PackageNames(PackageIndex index)
{
    keepPackageResources();
    QFile file(index == PackageIndex::PyPi ? u":/skillbox/packages/pypi.txt"_s
                                           : u":/skillbox/packages/npm.txt"_s);
    if (!file.open(QIODevice::ReadOnly))
        return;
    const QList<QByteArray> lines = file.readAll().split('\n');
    for (const QByteArray &line : lines) {
        if (line.isEmpty() || line.startsWith('#'))
            continue;
        const QString name = QString::fromLatin1(line);
        m_names.insert(name);
        if (name.size() < minNameLength)
            continue;
        m_byDeletion.insert(name, name);
        for (qsizetype i = 0; i < name.size(); ++i)
            m_byDeletion.insert(QString(name).remove(i, 1), name);
    }
}

std::optional<QString> PackageNames::misspelt(const QString &name) const
{
    if (m_names.contains(name) || name.size() < minNameLength)
        return std::nullopt;
    QStringList candidates;
    const auto consider = [&](const QString &key) {
        if (const auto found = m_byDeletion.constFind(key); found != m_byDeletion.cend())
            candidates += *found;
    };
    consider(name);
    for (qsizetype i = 0; i < name.size(); ++i)
        consider(QString(name).remove(i, 1));
    for (const QString &candidate : std::as_const(candidates)) {
        if (isOneEdit(name, candidate) && !differInNumbersOnly(name, candidate))
            return candidate;
    }
    // `python-dateutil` and `pythondateutil`; `beautiful-soup-4`.
    const QString bare = QString(name).remove(u'-').remove(u'_').remove(u'.');
    if (bare != name && m_names.contains(bare) && bare.size() >= minNameLength)
        return bare;
    return std::nullopt;
}

} // namespace skillbox
