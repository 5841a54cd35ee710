#include "engine/skill/checker/check_state.h"
#include "engine/skill/checker/decoded_text.h"

#include "engine/base/quoted_name.h"
#include "engine/skill/path_rules.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 largeFile = 5LL << 20;

QString extensionOf(const QString &path)
{
    const QString name = path.section(u'/', -1);
    return name.contains(u'.') ? name.section(u'.', -1).toLower() : QString();
}

/// Formats that are zip archives by nature and opened by programs for documents.
bool isDocumentContainer(const QString &extension)
{
    static const QStringList known{u"docx"_s, u"xlsx"_s, u"pptx"_s, u"odt"_s,
                                   u"ods"_s,  u"odp"_s,  u"epub"_s, u"dotx"_s,
                                   u"potx"_s, u"xltx"_s, u"docm"_s, u"xlsm"_s};
    return known.contains(extension);
}

bool isArchiveName(const QString &extension)
{
    static const QStringList known{u"zip"_s, u"tar"_s, u"gz"_s,  u"tgz"_s, u"7z"_s,
                                   u"rar"_s, u"xz"_s,  u"bz2"_s, u"zst"_s, u"jar"_s,
                                   u"war"_s, u"whl"_s, u"egg"_s, u"apk"_s};
    return known.contains(extension);
}

bool isProgramName(const QString &extension)
{
    static const QStringList known{u"exe"_s,  u"dll"_s, u"so"_s,    u"dylib"_s, u"bin"_s, u"wasm"_s,
                                   u"node"_s, u"o"_s,   u"class"_s, u"scr"_s,   u"com"_s, u""_s};
    return known.contains(extension);
}

/// Extensions whose content is text or a picture, so a program under them is disguised.
bool claimsToBeHarmless(const QString &extension)
{
    static const QStringList known{u"png"_s,  u"jpg"_s,  u"jpeg"_s, u"gif"_s,   u"webp"_s, u"svg"_s,
                                   u"bmp"_s,  u"ico"_s,  u"pdf"_s,  u"txt"_s,   u"md"_s,   u"csv"_s,
                                   u"json"_s, u"yaml"_s, u"yml"_s,  u"html"_s,  u"css"_s,  u"xml"_s,
                                   u"ttf"_s,  u"otf"_s,  u"woff"_s, u"woff2"_s, u"mp3"_s,  u"mp4"_s,
                                   u"wav"_s,  u"log"_s,  u"dat"_s};
    return known.contains(extension);
}

bool claimsToBePicture(const QString &extension)
{
    static const QStringList known{u"png"_s, u"jpg"_s, u"jpeg"_s, u"gif"_s, u"webp"_s};
    return known.contains(extension);
}

/// Where a picture's own data ends, by the format's end mark; nullopt: not known.
std::optional<qsizetype> pictureEnd(QByteArrayView bytes, ContentType type)
{
    if (type == ContentType::Png) {
        const qsizetype end = bytes.lastIndexOf(QByteArrayView("IEND\xAE\x42\x60\x82"));
        return end < 0 ? std::nullopt : std::optional(end + 8);
    }
    if (type == ContentType::Gif) {
        const qsizetype end = bytes.lastIndexOf(QByteArrayView("\x00\x3B", 2));
        return end < 0 ? std::nullopt : std::optional(end + 2);
    }
    return std::nullopt;
}

/// The record at the end of every zip archive, in a file that begins as something else.
bool endsAsZip(QByteArrayView end)
{
    const qsizetype record = end.lastIndexOf(QByteArrayView("PK\x05\x06"));
    if (record < 0 || record + 22 > end.size())
        return false;
    const auto at = [&](qsizetype i) { return static_cast<unsigned char>(end[record + i]); };
    const qsizetype commentBytes = at(20) | at(21) << 8;
    return record + 22 + commentBytes == end.size() && (at(10) | at(11) << 8) > 0;
}

void checkContent(const CheckedFile &file, CheckState &state)
{
    const QByteArrayView bytes(file.text.raw());
    const QString extension = extensionOf(file.path);
    const ContentType type = contentTypeOf(bytes);
    if (isProgram(type)) {
        if (claimsToBeHarmless(extension)) {
            state.addFile(Rule::DisguisedFile, file.path,
                          u"the file is %1"_s.arg(contentTypeName(type)));
        } else {
            state.addFile(Rule::Binary, file.path, u"the file is %1"_s.arg(contentTypeName(type)));
        }
        return;
    }
    if (isArchive(type) && !isDocumentContainer(extension)) {
        if (claimsToBeHarmless(extension)) {
            state.addFile(Rule::DisguisedFile, file.path,
                          u"the file is %1"_s.arg(contentTypeName(type)));
        } else if (extension != u"svgz" && extension != u"rds") {
            state.addFile(Rule::ArchiveInside, file.path,
                          u"the file is %1"_s.arg(contentTypeName(type)));
        }
        return;
    }
    const bool pretends = claimsToBePicture(extension)
        && (type == ContentType::Script || type == ContentType::Html || type == ContentType::Pdf
            || bytes.startsWith("<?php") || bytes.startsWith("<script"));
    if (pretends) {
        state.addFile(Rule::DisguisedFile, file.path,
                      u"the file is %1"_s.arg(contentTypeName(type)));
        return;
    }
    if (file.text.kind() == SourceKind::Binary && isProgramName(extension)
        && type == ContentType::Unknown
        && (extension == u"exe" || extension == u"dll" || extension == u"so")) {
        state.addFile(Rule::Binary, file.path, u"the name is that of a compiled program"_s);
    }
    const QByteArrayView tail = file.complete ? bytes : QByteArrayView(file.tail);
    if (type != ContentType::Zip && !isDocumentContainer(extension) && endsAsZip(tail)) {
        state.addFile(Rule::Polyglot, file.path,
                      u"the file is %1 and also a zip archive"_s.arg(contentTypeName(type)));
        return;
    }
    if (file.complete && isPicture(type)) {
        const auto end = pictureEnd(bytes, type);
        const auto behind = end ? bytes.sliced(*end) : QByteArrayView();
        const auto head = behind.trimmed();
        if (head.size() >= 16
            && (isProgram(contentTypeOf(head)) || isArchive(contentTypeOf(head))
                || contentTypeOf(head) == ContentType::Script || isReadable(head))) {
            state.addFile(Rule::Polyglot, file.path,
                          u"%1 bytes that are no picture follow its end"_s.arg(behind.size()));
        }
    }
}

void checkName(const CheckedFile &file, CheckState &state)
{
    const QString extension = extensionOf(file.path);
    const QString name = file.path.section(u'/', -1);
    if (extension == u"pyc" || extension == u"pyo") {
        state.addFile(Rule::Bytecode, file.path, u"the file is compiled Python"_s);
    } else if (isArchiveName(extension) && !isArchive(contentTypeOf(file.text.raw()))
               && file.size > 0) {
        state.addFile(Rule::ArchiveInside, file.path, u"the name is that of an archive"_s);
    }
    const QStringList folders = file.path.split(u'/');
    const bool isLeftover = name == u".env"
        || (name.startsWith(u".env.") && !name.contains(u"example") && !name.contains(u"sample")
            && !name.contains(u"template"))
        || extension == u"swp" || extension == u"orig" || extension == u"rej" || name.endsWith(u'~')
        || name == u".npmrc" || name == u".pypirc" || name == u"npm-debug.log";
    if (isLeftover)
        state.addFile(Rule::Leftovers, file.path,
                      u"the file %1 is left over from development"_s.arg(quotedName(name)));
    for (const QString &folder : {u"node_modules"_s, u".git"_s, u".idea"_s, u".venv"_s, u"venv"_s,
                                  u".hg"_s, u".svn"_s, u".pytest_cache"_s, u".mypy_cache"_s}) {
        const qsizetype index = folders.indexOf(folder);
        if (index < 0 || index + 1 == folders.size())
            continue;
        // Once for the folder, however much is in it.
        const QString place = folders.first(index + 1).join(u'/');
        if (!state.has(Rule::Leftovers, place)) {
            state.addFile(Rule::Leftovers, place,
                          u"the folder %1 is left over from development"_s.arg(quotedName(folder)));
        }
    }
    if (file.size > largeFile) {
        state.addFile(Rule::LargeFile, file.path,
                      u"the file has %1 MiB"_s.arg(
                          QString::number(double(file.size) / (1 << 20), 'f', 1)));
    }
}

} // namespace

void checkPackaging(const CheckedFile &file, CheckState &state)
{
    checkName(file, state);
    checkContent(file, state);
}

} // namespace skillbox
