#include "app/desktop/session/draft_files.h"

#include <QCryptographicHash>
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QSaveFile>
#include <QSet>

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Of a huge file this much is shown.
constexpr qint64 shownOfHuge = 1LL << 20;
/// Files that are searched.
constexpr qint64 largestSearched = 2LL << 20;
constexpr qsizetype longestShown = 300;
constexpr int deepest = 32;

tl::unexpected<Error> cannotRead(const QString &path, const QString &why)
{
    return fail(ErrorCode::Io, u"\"%1\" cannot be read: %2"_s.arg(QFileInfo(path).fileName(), why));
}

tl::unexpected<Error> cannotWrite(const QString &path, const QString &why)
{
    return fail(ErrorCode::Io,
                u"\"%1\" cannot be written: %2"_s.arg(QFileInfo(path).fileName(), why));
}

Result<DraftFile> loadFile(const QString &path)
{
    const QFileInfo info(path);
    if (!info.exists())
        return fail(ErrorCode::NotFound, u"there is no file \"%1\""_s.arg(info.fileName()));
    if (!info.isFile())
        return cannotRead(path, u"it is not a file"_s);
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return cannotRead(path, file.errorString());
    DraftFile loaded;
    loaded.size = file.size();
    loaded.huge = loaded.size > DraftFiles::largestEdited;
    loaded.writable = info.isWritable();
    QByteArray bytes = file.read(loaded.huge ? shownOfHuge : DraftFiles::largestEdited + 1);
    if (file.error() != QFileDevice::NoError)
        return cannotRead(path, file.errorString());
    loaded.digest = DraftFiles::digestOf(bytes);
    if (loaded.huge) {
        const qsizetype lastLine = bytes.lastIndexOf('\n');
        if (lastLine > 0)
            bytes.truncate(lastLine + 1);
    }
    loaded.content = decodeDraft(bytes);
    return loaded;
}

Result<QByteArray> digestFile(const QString &path)
{
    QFile file(path);
    if (!QFileInfo(path).isFile() || !file.open(QIODevice::ReadOnly)) {
        return fail(ErrorCode::NotFound,
                    u"there is no file \"%1\""_s.arg(QFileInfo(path).fileName()));
    }
    return DraftFiles::digestOf(file.read(DraftFiles::largestEdited + 1));
}

Result<QByteArray> saveFile(const QString &path, const QByteArray &bytes,
                            const QByteArray &expected)
{
    if (!expected.isEmpty()) {
        const auto now = digestFile(path);
        if (now && *now != expected) {
            return fail(ErrorCode::Conflict,
                        u"\"%1\" was changed by another program"_s.arg(QFileInfo(path).fileName()));
        }
    }
    if (!QDir().mkpath(QFileInfo(path).path()))
        return cannotWrite(path, u"its folder cannot be made"_s);
    // A link is written through, not replaced.
    const QString target = QFileInfo(path).isSymLink() ? QFileInfo(path).canonicalFilePath() : path;
    QSaveFile file(target.isEmpty() ? path : target);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return cannotWrite(path, file.errorString());
    return DraftFiles::digestOf(bytes);
}

bool isPassedOver(const QString &name)
{
    static const QSet<QString> names{u".git"_s,     u"__pycache__"_s, u"node_modules"_s,
                                     u"__MACOSX"_s, u".DS_Store"_s,   u"Thumbs.db"_s};
    return names.contains(name) || (name.startsWith(u".skillbox-") && name.endsWith(u".tmp"));
}

void listInto(const QDir &root, const QString &prefix, int depth, DraftListing &listing)
{
    QDir directory(prefix.isEmpty() ? root.path() : root.filePath(prefix));
    const QFileInfoList found = directory.entryInfoList(
        QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot, QDir::Name | QDir::DirsFirst);
    for (const QFileInfo &info : found) {
        if (isPassedOver(info.fileName()))
            continue;
        if (listing.entries.size() >= DraftFiles::mostEntries) {
            listing.complete = false;
            return;
        }
        const QString path = prefix.isEmpty() ? info.fileName() : prefix + u'/' + info.fileName();
        const bool isFolder = info.isDir() && !info.isSymLink();
        listing.entries.append({path, isFolder, isFolder ? 0 : info.size()});
        if (isFolder && depth < deepest)
            listInto(root, path, depth + 1, listing);
    }
}

Result<DraftListing> listFolder(const QString &directory)
{
    const QDir root(directory);
    if (!root.exists()) {
        return fail(ErrorCode::NotFound,
                    u"the folder \"%1\" is not there any more"_s.arg(directory));
    }
    DraftListing listing;
    listInto(root, {}, 0, listing);
    return listing;
}

Result<void> doneOr(bool done, const QString &why)
{
    if (!done)
        return fail(ErrorCode::Io, why);
    return {};
}

Result<QRegularExpression> expressionOf(const DraftSearch &search)
{
    const QString text = search.options & SearchOption::Regex
        ? search.text
        : QRegularExpression::escape(search.text);
    QRegularExpression expression(text);
    if (!(search.options & SearchOption::MatchCase))
        expression.setPatternOptions(QRegularExpression::CaseInsensitiveOption);
    if (!expression.isValid())
        return fail(ErrorCode::BadRequest, expression.errorString());
    return expression;
}

/// Calls `look(file, bytes, decoded)` with every file that is text; false: no further.
template<typename Look>
Result<void> eachText(const DraftSearch &search, Look look)
{
    const auto listing = listFolder(search.directory);
    if (!listing)
        return fail(listing.error());
    for (const DraftEntry &entry : listing->entries) {
        if (entry.isFolder || entry.size > largestSearched)
            continue;
        QByteArray bytes = search.unsaved.value(entry.path);
        if (!search.unsaved.contains(entry.path)) {
            QFile file(search.directory + u'/' + entry.path);
            if (!QFileInfo(file).isFile() || !file.open(QIODevice::ReadOnly))
                continue;
            bytes = file.read(largestSearched);
        }
        const DraftText decoded = decodeDraft(bytes);
        if (decoded.kind != DraftText::Kind::Binary && !look(entry.path, bytes, decoded))
            break;
    }
    return {};
}

Result<QList<DraftMatch>> searchFolder(const DraftSearch &search)
{
    const auto wanted = expressionOf(search);
    if (!wanted)
        return fail(wanted.error());
    QList<DraftMatch> matches;
    const auto look = [&](const QString &path, const QByteArray &, const DraftText &decoded) {
        int number = 0;
        for (const QStringView line : QStringView(decoded.text).tokenize(u'\n')) {
            ++number;
            const auto match = wanted->match(line);
            if (!match.hasMatch())
                continue;
            const auto before = line.first(match.capturedStart());
            const int column = 1
                + static_cast<int>(before.size()
                                   - std::count_if(before.begin(), before.end(),
                                                   [](QChar c) { return c.isLowSurrogate(); }));
            matches.append(
                {path, number, column,
                 line.first(std::min(line.size(), longestShown)).toString().simplified()});
            if (matches.size() >= DraftFiles::mostMatches)
                return false;
        }
        return true;
    };
    if (const auto searched = eachText(search, look); !searched)
        return fail(searched.error());
    return matches;
}

/// The text with every match in a line replaced; how many there were is added to `places`.
QString replacedIn(const QString &text, const QRegularExpression &wanted,
                   const QString &replacement, SearchOptions options, int &places)
{
    QString made;
    bool isFirst = true;
    for (const QStringView line : QStringView(text).tokenize(u'\n')) {
        if (!std::exchange(isFirst, false))
            made += u'\n';
        qsizetype taken = 0;
        auto found = wanted.globalMatch(line);
        while (found.hasNext()) {
            const QRegularExpressionMatch match = found.next();
            if (match.capturedLength() == 0)
                continue;
            made += line.sliced(taken, match.capturedStart() - taken);
            made += options & SearchOption::Regex ? replacementOf(match, replacement) : replacement;
            taken = match.capturedEnd();
            ++places;
        }
        made += line.sliced(taken);
    }
    return made;
}

Result<DraftReplacement> replaceInFolder(const DraftSearch &search, const QString &replacement)
{
    const auto wanted = expressionOf(search);
    if (!wanted)
        return fail(wanted.error());
    DraftReplacement plan;
    const auto look = [&](const QString &path, const QByteArray &bytes, const DraftText &decoded) {
        int places = 0;
        const QString made = replacedIn(decoded.text, *wanted, replacement, search.options, places);
        if (places == 0 || made == decoded.text)
            return true;
        if (decoded.kind != DraftText::Kind::Exact) {
            plan.left.append(path);
            return true;
        }
        plan.places += places;
        plan.before.insert(path, bytes);
        plan.after.insert(path, encodeDraft(made, decoded.format));
        return plan.places <= DraftFiles::mostReplaced;
    };
    if (const auto searched = eachText(search, look); !searched)
        return fail(searched.error());
    if (plan.places > DraftFiles::mostReplaced) {
        return fail(ErrorCode::TooLarge,
                    u"there are more than %1 places: narrow the search"_s.arg(
                        DraftFiles::mostReplaced));
    }
    return plan;
}

} // namespace

DraftFiles::DraftFiles(QObject *parent) : QObject(parent)
{
    m_pool.setMaxThreadCount(2);
}

DraftFiles::~DraftFiles()
{
    m_pool.waitForDone();
}

QByteArray DraftFiles::digestOf(const QByteArray &bytes)
{
    return QCryptographicHash::hash(bytes, QCryptographicHash::Sha256);
}

void DraftFiles::load(QObject *receiver, const QString &path, Answer<DraftFile> done)
{
    ask(
        receiver, [path] { return loadFile(path); }, std::move(done));
}

void DraftFiles::save(QObject *receiver, const QString &path, const QByteArray &bytes,
                      const QByteArray &expected, Answer<QByteArray> done)
{
    ask(
        receiver, [=] { return saveFile(path, bytes, expected); }, std::move(done));
}

void DraftFiles::digest(QObject *receiver, const QString &path, Answer<QByteArray> done)
{
    ask(
        receiver, [path] { return digestFile(path); }, std::move(done));
}

void DraftFiles::list(QObject *receiver, const QString &directory, Answer<DraftListing> done)
{
    ask(
        receiver, [directory] { return listFolder(directory); }, std::move(done));
}

void DraftFiles::search(QObject *receiver, const DraftSearch &search,
                        Answer<QList<DraftMatch>> done)
{
    ask(
        receiver, [search] { return searchFolder(search); }, std::move(done));
}

void DraftFiles::planReplacement(QObject *receiver, const DraftSearch &search,
                                 const QString &replacement, Answer<DraftReplacement> done)
{
    ask(
        receiver, [search, replacement] { return replaceInFolder(search, replacement); },
        std::move(done));
}

void DraftFiles::createFile(QObject *receiver, const QString &path, Answer<void> done)
{
    ask(
        receiver,
        [path]() -> Result<void> {
            QFile file(path);
            if (!QDir().mkpath(QFileInfo(path).path())
                || !file.open(QIODevice::WriteOnly | QIODevice::NewOnly))
                return cannotWrite(path, file.errorString());
            return {};
        },
        std::move(done));
}

void DraftFiles::createFolder(QObject *receiver, const QString &path, Answer<void> done)
{
    ask(
        receiver,
        [path] {
            return doneOr(!QFileInfo::exists(path) && QDir().mkpath(path),
                          u"the folder \"%1\" cannot be made"_s.arg(QFileInfo(path).fileName()));
        },
        std::move(done));
}

void DraftFiles::rename(QObject *receiver, const QString &from, const QString &to,
                        Answer<void> done)
{
    ask(
        receiver,
        [from, to] {
            const bool isFree = !QFileInfo::exists(to) && QDir().mkpath(QFileInfo(to).path());
            return doneOr(isFree && QDir().rename(from, to),
                          u"\"%1\" cannot be called \"%2\""_s.arg(QFileInfo(from).fileName(),
                                                                  QFileInfo(to).fileName()));
        },
        std::move(done));
}

void DraftFiles::trash(QObject *receiver, const QString &path, Answer<QString> done)
{
    ask(
        receiver,
        [path]() -> Result<QString> {
            QString where;
            if (!QFile::moveToTrash(path, &where)) {
                return fail(ErrorCode::Io,
                            u"\"%1\" cannot be moved to the trash"_s.arg(
                                QFileInfo(path).fileName()));
            }
            return where;
        },
        std::move(done));
}

} // namespace skillbox
