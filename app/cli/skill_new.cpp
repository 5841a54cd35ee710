#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/json_writer.h"
#include "engine/base/language.h"
#include "engine/skill/skill_template.h"

#include <QDir>

#include <unistd.h>

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

ExitCode create(CliContext &context, NewOptions options)
{
    if (const Result<void> asked = askForTheRest(context, options); !asked)
        return context.reportError(asked.error());
    const QString name = toText(options.names.front());
    if (const Result<void> valid = checkTemplateName(name); !valid)
        return context.reportError(valid.error());
    const QString target = QDir::cleanPath(QDir(toText(options.parent)).filePath(name));
    const Result<QStringList> files = makeSkillFolder(
        {languageFromName(toText(options.language)).value_or(Language::Python), name,
         toText(options.description).simplified()},
        target);
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
