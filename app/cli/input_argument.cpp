#include "app/cli/input_argument.h"

#include "app/cli/format.h"
#include "app/cli/text.h"

#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>

#include <unistd.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int excerptWidth = 72;

/// The line an error of JsonText::parse speaks of, with a caret below the column.
QString excerpt(const QByteArray &json, const QString &message)
{
    static const QRegularExpression place(u"line (\\d+), column (\\d+)"_s);
    const QRegularExpressionMatch match = place.match(message);
    if (!match.hasMatch())
        return {};
    const QList<QByteArray> lines = json.split('\n');
    const qsizetype row = match.captured(1).toLongLong() - 1;
    if (row < 0 || row >= lines.size())
        return {};
    // Columns are bytes; a caret needs characters. Long lines are cut around the place.
    const QByteArray &line = lines[row];
    const qsizetype column = std::min<qsizetype>(match.captured(2).toLongLong() - 1, line.size());
    QString before = printableLine(QString::fromUtf8(line.first(column)));
    QString after = printableLine(QString::fromUtf8(line.sliced(column)));
    if (before.size() > excerptWidth / 2)
        before = u'…' + before.last(excerptWidth / 2);
    after = elided(after, excerptWidth - static_cast<int>(before.size()));
    return u"\n  "_s + before + after + u"\n  "_s + QString(displayWidth(before), u' ') + u'^';
}

Result<JsonText> parse(const QByteArray &json, const QString &subject)
{
    Result<JsonText> parsed = JsonText::parse(json);
    if (!parsed) {
        return fail(parsed.error().code,
                    subject + u' ' + parsed.error().message + excerpt(json, parsed.error().message),
                    parsed.error().detail);
    }
    return parsed;
}

Result<QByteArray> readAll(QFile &file, const QString &name)
{
    const QByteArray bytes = file.read(maxInputBytes + 1);
    if (file.error() != QFileDevice::NoError)
        return fail(ErrorCode::Io,
                    u"cannot read the input from %1: %2"_s.arg(name, file.errorString()));
    if (bytes.size() > maxInputBytes) {
        return fail(ErrorCode::TooLarge,
                    u"the input from %1 is larger than %2"_s.arg(name, humanBytes(maxInputBytes)));
    }
    return bytes;
}

Result<JsonText> readFile(const QString &path)
{
    const QFileInfo info(path);
    if (path.isEmpty())
        return fail(ErrorCode::BadRequest, u"--input @ needs a file name after the @"_s);
    if (!info.exists())
        return fail(ErrorCode::Io, u"there is no input file '%1'"_s.arg(path));
    if (info.isDir())
        return fail(ErrorCode::Io, u"the input file '%1' is a folder"_s.arg(path));
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return fail(ErrorCode::Io,
                    u"cannot read the input file '%1': %2"_s.arg(path, file.errorString()));
    }
    const Result<QByteArray> bytes = readAll(file, u'\'' + path + u'\'');
    if (!bytes)
        return fail(bytes.error());
    return parse(*bytes, u"the input file '%1'"_s.arg(path));
}

Result<JsonText> readStandardInput()
{
    if (::isatty(STDIN_FILENO)) {
        return fail(ErrorCode::BadRequest,
                    u"--input - reads JSON from standard input, which is the terminal here\n"
                    "pipe it in:   echo '{\"text\":\"hello\"}' | skillbox run SKILL --input -\n"
                    "or name it:   skillbox run SKILL --input @input.json"_s);
    }
    QFile file;
    if (!file.open(STDIN_FILENO, QIODevice::ReadOnly)) {
        return fail(ErrorCode::Io,
                    u"cannot read the input from standard input: %1"_s.arg(file.errorString()));
    }
    const Result<QByteArray> bytes = readAll(file, u"standard input"_s);
    if (!bytes)
        return fail(bytes.error());
    return parse(*bytes, u"the input from standard input"_s);
}

} // namespace

Result<JsonText> readInputArgument(const QString &argument)
{
    if (argument == u"-")
        return readStandardInput();
    if (argument.startsWith(u'@'))
        return readFile(argument.sliced(1));
    Result<JsonText> parsed = parse(argument.toUtf8(), u"--input"_s);
    if (!parsed && QFileInfo(argument).isFile()) {
        Error error = parsed.error();
        error.message += u"\nto read the file of that name, write --input @"_s + argument;
        return fail(error);
    }
    return parsed;
}

} // namespace skillbox
