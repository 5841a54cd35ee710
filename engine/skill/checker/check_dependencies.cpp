#include "engine/skill/checker/check_state.h"
#include "engine/skill/checker/package_names.h"

#include "engine/base/json_text.h"
#include "engine/base/quoted_name.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

bool isNameLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'
        || c == '_' || c == '.';
}

bool isAscii(QStringView text)
{
    return std::all_of(text.begin(), text.end(), [](QChar c) { return c.unicode() < 0x80; });
}

class DependencyCheck
{
public:
    DependencyCheck(const CheckedFile &file, CheckState &state) : m_file(file), m_state(state) { }

    void readRequirements()
    {
        const QByteArrayView text(m_file.text.raw());
        for (qsizetype line = 0; line < text.size();) {
            const qsizetype next = nextLine(text, line);
            readRequirement(line, text.sliced(line, next - line));
            line = next;
        }
    }

    void readPackageJson()
    {
        const auto json = JsonText::parse(m_file.text.raw());
        if (!json || !json->isObject()) {
            m_state.addFile(Rule::DependencyFileUnreadable, m_file.path,
                            u"package.json "_s
                                + (json ? u"must be a JSON object"_s : json.error().message));
            return;
        }
        const QJsonObject object = QJsonDocument::fromJson(json->bytes()).object();
        for (const QString &group : {u"dependencies"_s, u"devDependencies"_s,
                                     u"optionalDependencies"_s, u"peerDependencies"_s}) {
            const QJsonObject packages = object[group].toObject();
            for (auto it = packages.begin(); it != packages.end(); ++it)
                readNpmPackage(it.key(), it->toString(), group);
        }
        const QJsonObject scripts = object[u"scripts"].toObject();
        for (const QString &hook : {u"preinstall"_s, u"install"_s, u"postinstall"_s, u"prepare"_s,
                                    u"preprepare"_s, u"postprepare"_s}) {
            if (!scripts.contains(hook))
                continue;
            const auto [start, end] = placeOf(hook);
            m_state.add(Rule::InstallHook, m_file, start, end,
                        u"the script %1 runs when the package is installed"_s.arg(
                            quotedName(hook)));
        }
    }

    void readSetupPy()
    {
        const QByteArrayView code(m_file.text.bare());
        const qsizetype at = code.indexOf("cmdclass");
        if (at < 0)
            return;
        m_state.add(Rule::InstallHook, m_file, at, at + 8,
                    u"cmdclass runs code when the package is installed"_s);
    }

private:
    struct Span {
        qsizetype start;
        qsizetype end;
    };

    /// Where a name stands in JSON, as a quoted text.
    Span placeOf(const QString &name) const
    {
        const QByteArray quoted = '"' + name.toUtf8() + '"';
        const qsizetype at = m_file.text.raw().indexOf(quoted);
        return at < 0 ? Span{0, 0} : Span{at, at + quoted.size()};
    }

    void checkName(PackageIndex index, const QString &name, Span place)
    {
        if (!isAscii(name)) {
            m_state.add(Rule::HomoglyphPackage, m_file, place.start, place.end,
                        u"the package name %1 holds letters that only look like Latin ones"_s.arg(
                            quotedName(name)));
            return;
        }
        const QString normal = PackageNames::normalised(index, name);
        const PackageNames &known = PackageNames::of(index);
        if (known.contains(normal) || normal.startsWith(u'@'))
            return;
        if (const auto meant = known.misspelt(normal)) {
            m_state.add(Rule::Typosquat, m_file, place.start, place.end,
                        u"the package %1 is nearly called like the well-known %2"_s.arg(
                            quotedName(name), *meant));
            return;
        }
        m_state.add(Rule::UnknownPackage, m_file, place.start, place.end,
                    u"the package %1 is not among the well-known ones"_s.arg(quotedName(name)));
    }

    void readRequirement(qsizetype offset, QByteArrayView line)
    {
        // ` #` begins a comment, a `#` inside a URL does not (pip's own rule).
        qsizetype comment = line.startsWith('#') ? 0 : line.indexOf(" #");
        auto text = comment >= 0 ? line.first(comment) : line;
        while (!text.isEmpty() && QByteArrayView(" \t\r\n\\").contains(text.back()))
            text.chop(1);
        qsizetype skipped = 0;
        while (skipped < text.size() && (text[skipped] == ' ' || text[skipped] == '\t'))
            ++skipped;
        text = text.sliced(skipped);
        if (text.isEmpty())
            return;
        const Span whole{offset + skipped, offset + skipped + text.size()};
        if (text.startsWith('-')) {
            readOption(text, whole);
            return;
        }
        if (text.contains("://") || text.startsWith('.') || text.startsWith('/')
            || text.contains(" @ ")) {
            m_state.add(Rule::ForeignSource, m_file, whole.start, whole.end,
                        u"%1 comes from elsewhere than the package index"_s.arg(quotedName(text)));
            return;
        }
        qsizetype nameEnd = 0;
        while (
            nameEnd < text.size()
            && (isNameLetter(text[nameEnd]) || static_cast<unsigned char>(text[nameEnd]) >= 0x80)) {
            ++nameEnd;
        }
        const auto name = text.first(nameEnd);
        auto rest = text.sliced(nameEnd).trimmed();
        if (name.isEmpty()
            || (!rest.isEmpty() && !QByteArrayView("[=<>!~;(,").contains(rest.front()))) {
            m_state.add(Rule::DependencyFileUnreadable, m_file, whole.start, whole.end,
                        u"the line %1 is no requirement"_s.arg(quotedName(text)));
            return;
        }
        if (rest.startsWith('[')) {
            const qsizetype close = rest.indexOf(']');
            rest = close < 0 ? QByteArrayView() : rest.sliced(close + 1).trimmed();
        }
        const Span place{whole.start, whole.start + nameEnd};
        checkName(PackageIndex::PyPi, QString::fromUtf8(name), place);
        const bool isPinned = rest.startsWith("==")
            && !rest.first(std::min<qsizetype>(rest.size(), 40)).contains('*');
        if (!isPinned) {
            m_state.add(Rule::Unpinned, m_file, place.start, place.end,
                        u"the package %1 has no exact version"_s.arg(quotedName(name)));
        }
    }

    void readOption(QByteArrayView text, Span whole)
    {
        for (const QByteArrayView option :
             {"--index-url", "--extra-index-url", "-i ", "--find-links", "-f ", "-e ", "--editable",
              "--trusted-host"}) {
            if (text.startsWith(option)) {
                m_state.add(Rule::ForeignSource, m_file, whole.start, whole.end,
                            u"%1 takes packages from elsewhere"_s.arg(quotedName(text)));
                return;
            }
        }
    }

    void readNpmPackage(const QString &name, const QString &version, const QString &group)
    {
        const Span place = placeOf(name);
        checkName(PackageIndex::Npm, name, place);
        const bool isForeign = version.contains(u':') && !version.startsWith(u"npm:")
            && !version.startsWith(u"workspace:");
        if (isForeign || version.contains(u'/')) {
            m_state.add(Rule::ForeignSource, m_file, place.start, place.end,
                        u"%1 comes from elsewhere than the package registry"_s.arg(
                            quotedName(version)));
            return;
        }
        const bool isExact = !version.isEmpty() && version.front().isDigit()
            && !version.contains(u'x') && !version.contains(u' ') && !version.contains(u"||"_s);
        if (!isExact && group != u"peerDependencies") {
            m_state.add(Rule::Unpinned, m_file, place.start, place.end,
                        u"the package %1 has no exact version"_s.arg(quotedName(name)));
        }
    }

    const CheckedFile &m_file;
    CheckState &m_state;
};

} // namespace

void checkDependencies(const CheckedFile &file, CheckState &state)
{
    if (file.text.kind() == SourceKind::Binary || file.path.contains(u"node_modules/"))
        return;
    const QString name = file.path.section(u'/', -1).toLower();
    DependencyCheck check(file, state);
    if (name.startsWith(u"requirements") && name.endsWith(u".txt"))
        check.readRequirements();
    else if (name == u"package.json")
        check.readPackageJson();
    else if (name == u"setup.py")
        check.readSetupPy();
}

} // namespace skillbox
