#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/json_writer.h"
#include "engine/base/ids.h"
#include "engine/base/language.h"
#include "engine/skill/manifest.h"

#include <QDir>
#include <QDirIterator>
#include <QFileInfo>
#include <QRegularExpression>

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct NewOptions {
    std::vector<std::string> names; ///< one, or none: it is asked for
    std::string language = "python";
    std::string parent = ".";
    std::string description;
};

/// What the person types at `question`; what stands in brackets there is for an empty line.
QString ask(CliContext &context, const QString &question, const QString &otherwise)
{
    context.err().write(otherwise.isEmpty() ? question + u": "_s
                                            : u"%1 [%2]: "_s.arg(question, otherwise));
    std::string line;
    std::getline(std::cin, line);
    const QString answer = QString::fromStdString(line).trimmed();
    return answer.isEmpty() ? otherwise : answer;
}

/// Asks for what the command line did not say. Only a person at a terminal can answer.
Result<void> askForTheRest(CliContext &context, NewOptions &options)
{
    if (options.names.size() > 1) {
        return fail(ErrorCode::BadRequest,
                    u"one skill at a time: '%1' is too much"_s.arg(toText(options.names[1])));
    }
    if (!options.names.empty())
        return {};
    if (::isatty(STDIN_FILENO) == 0 || !context.err().isTerminal())
        return fail(ErrorCode::BadRequest, u"NAME is required"_s);
    options.names.push_back(ask(context, u"Name, e.g. word-counter"_s, {}).toStdString());
    options.language = ask(context, u"Language: python, node or bash"_s, toText(options.language))
                           .toStdString();
    if (!languageFromName(toText(options.language))) {
        return fail(ErrorCode::BadRequest,
                    u"'%1' is not a language that can be run"_s.arg(toText(options.language)));
    }
    if (options.description.empty()) {
        options.description =
            ask(context, u"What does it do, and when should it be used? (empty: an example)"_s, {})
                .toStdString();
    }
    return {};
}

/// The specification's names: what every consumer of skills accepts.
Result<void> checkName(const QString &name)
{
    static const QRegularExpression valid(u"\\A[a-z0-9]+(-[a-z0-9]+)*\\z"_s);
    if (name.size() <= 64 && valid.match(name).hasMatch())
        return {};
    return fail(ErrorCode::BadRequest,
                u"'%1' cannot be a skill's name: use up to 64 of a-z, 0-9 and single hyphens "
                "between them, e.g. word-counter"_s.arg(name));
}

Result<QStringList> writeTemplate(const QString &language, const QString &name,
                                  const QString &description, const QString &directory)
{
    const QString root = u":/templates/%1/"_s.arg(language);
    QStringList written;
    QDirIterator it(root, QDir::Files, QDirIterator::Subdirectories);
    while (it.hasNext()) {
        QFile source(it.next());
        const QString path = source.fileName().sliced(root.size());
        QFile target(QDir(directory).filePath(path));
        if (!source.open(QIODevice::ReadOnly))
            return fail(ErrorCode::Internal, u"the template file '%1' is not built in"_s.arg(path));
        QByteArray text = source.readAll().replace("{{name}}", name.toUtf8());
        if (path == u"SKILL.md" && !description.isEmpty()) {
            const Result<QByteArray> described = withManifestField(text, u"description"_s,
                                                                   description);
            if (!described)
                return fail(described.error());
            text = *described;
        }
        if (!QDir().mkpath(QFileInfo(target).path()) || !target.open(QIODevice::WriteOnly)
            || target.write(text) != text.size() || !target.flush()) {
            return fail(ErrorCode::Io,
                        u"cannot write '%1': %2"_s.arg(target.fileName(), target.errorString()));
        }
        if (text.startsWith("#!"))
            target.setPermissions(target.permissions() | QFile::ExeOwner | QFile::ExeGroup
                                  | QFile::ExeOther);
        written.append(path);
    }
    if (written.isEmpty())
        return fail(ErrorCode::Internal, u"there is no template for %1"_s.arg(language));
    written.sort();
    return written;
}

/// Made beside its place and renamed there: the folder appears whole or not at all.
Result<QStringList> createSkill(const QString &language, const QString &name,
                                const QString &description, const QString &target)
{
    const QFileInfo info(target);
    if (info.exists() && !info.isDir())
        return fail(ErrorCode::Io, u"'%1' is there already and is not a folder"_s.arg(target));
    if (info.isDir()
        && !QDir(target).isEmpty(QDir::AllEntries | QDir::Hidden | QDir::System
                                 | QDir::NoDotAndDotDot)) {
        return fail(ErrorCode::Io,
                    u"the folder '%1' is there already and is not empty; nothing was "
                    "changed"_s.arg(target));
    }
    const QString parent = info.path();
    if (!QDir().mkpath(parent))
        return fail(ErrorCode::Io, u"cannot make the folder '%1'"_s.arg(parent));
    QDir scratch(QDir(parent).filePath(u".skillbox-new-"_s + newUuid()));
    if (!scratch.mkpath(u"."_s))
        return fail(ErrorCode::Io, u"cannot write in the folder '%1'"_s.arg(parent));
    Result<QStringList> files = writeTemplate(language, name, description, scratch.path());
    // rename(2) also takes the place of an empty folder, which QDir::rename refuses.
    if (files
        && std::rename(QFile::encodeName(scratch.path()).constData(),
                       QFile::encodeName(target).constData())
            != 0) {
        files = fail(ErrorCode::Io,
                     u"cannot make the folder '%1': %2"_s.arg(
                         target, QString::fromLocal8Bit(std::strerror(errno))));
    }
    if (!files)
        scratch.removeRecursively();
    return files;
}

ExitCode create(CliContext &context, NewOptions options)
{
    if (const Result<void> asked = askForTheRest(context, options); !asked)
        return context.reportError(asked.error());
    const QString name = toText(options.names.front());
    if (const Result<void> valid = checkName(name); !valid)
        return context.reportError(valid.error());
    const QString target = QDir::cleanPath(QDir(toText(options.parent)).filePath(name));
    const Result<QStringList> files = createSkill(toText(options.language), name,
                                                  toText(options.description).simplified(), target);
    if (!files)
        return context.reportError(files.error());

    if (context.wantsJson()) {
        JsonWriter json;
        json.beginObject()
            .member(u"name"_s, name)
            .member(u"path"_s, target)
            .key(u"files"_s)
            .beginArray();
        for (const QString &file : *files)
            json.value(file);
        json.endArray().endObject();
        return context.printJson(json.bytes());
    }
    Terminal &out = context.out();
    out.writeLine(out.painted(Paint::Green, u"✔"_s) + u" Made "_s
                  + out.painted(Paint::Bold, target + u'/'));
    for (const QString &file : *files)
        out.writeLine(u"  "_s + file);
    // A bare name could also be that of a published skill.
    const QString path = target.contains(u'/') ? target : u"./"_s + target;
    out.writeLine();
    out.writeLine(u"Next:"_s);
    out.writeLine(u"  skillbox run %1 --input '{\"text\":\"hello world\"}'"_s.arg(path));
    out.writeLine(u"  skillbox skill lint "_s + path);
    out.writeLine(u"  skillbox skill test "_s + path);
    out.writeLine(u"  skillbox skill push "_s + path);
    return ExitCode::Success;
}

} // namespace

void registerSkillNew(CLI::App &skill, CliContext &context)
{
    CLI::App *command = addCommand(skill, context,
                                   {"new", "Make a new skill that runs at once, to start from",
                                    "The folder has a SKILL.md, a script, schemas for input and "
                                    "output, and a test case. Without "
                                    "a name it asks for everything, at a terminal.",
                                    "skillbox skill new word-counter\n"
                                    "skillbox skill new log-digest --lang bash --dir skills"});
    const auto options = std::make_shared<NewOptions>();
    addArguments(*command, "NAME", options->names, "The skill's name, also that of its folder",
                 value::text, Presence::Optional);
    addChoice(*command, "-l,--lang", options->language,
              "The language of its script (default: python)", {"python", "node", "bash"});
    addOption(*command, "--dir", options->parent, "Where to make the folder (default: .)",
              value::directory);
    addOption(*command, "--description", options->description,
              "What it does and when to use it (default: that of the example)", value::text);
    onChosen(*command, context, [options, &context] { return create(context, *options); });
}

} // namespace skillbox
