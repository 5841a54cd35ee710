#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/format.h"
#include "app/cli/skill_json.h"
#include "app/cli/skill_source.h"
#include "app/cli/table.h"
#include "app/cli/text.h"
#include "engine/base/clock.h"

#include <QJsonArray>
#include <QJsonObject>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct ShowOptions {
    std::string name;
    std::string version;
};

/// `cpu: 0.5, memory: 256Mi`
QString describe(const QJsonValue &value)
{
    QStringList parts;
    if (value.isObject()) {
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it)
            parts.append(it.key() + u": "_s + describe(it.value()));
    } else if (value.isArray()) {
        for (const QJsonValue item : value.toArray())
            parts.append(describe(item));
    } else {
        return value.toVariant().toString();
    }
    return parts.join(u", "_s);
}

QString describeField(const QString &key, const QJsonValue &value)
{
    if (key == u"schemas")
        return value.toObject().keys().join(u", "_s);
    if (key != u"files")
        return describe(value);
    QStringList paths;
    for (const QJsonValue file : value.toArray())
        paths.append(file[u"path"_s].toString());
    return paths.join(u", "_s);
}

QString label(const QString &key)
{
    QString text = key;
    text.replace(u'_', u' ').replace(u'-', u' ');
    text[0] = text[0].toUpper();
    return text;
}

void printSkill(Terminal &out, const SkillVersionRecord &record,
                const QList<SkillVersionRecord> &versions)
{
    out.writeLine(
        out.painted(Paint::Bold, record.name) + u' ' + record.version
        + (record.yankedAt.isValid() ? out.painted(Paint::Yellow, u" (yanked)"_s) : QString()));
    const int width = out.width() > 0 ? std::min(100, out.width()) : 100;
    out.writeLine(wrapped(printableLine(record.description), width, 0));
    out.writeLine();

    Table table({{{}}, {{}, Qt::AlignLeft, true}});
    table.hideTitles();
    const auto add = [&](const QString &name, const QString &text) {
        if (!text.isEmpty())
            table.addRow({TableCell(name, Paint::Dim), TableCell(text)});
    };
    add(u"Language"_s, record.language);
    add(u"Mode"_s,
        record.mode == u"cognitive" ? u"cognitive: instructions only, nothing to run"_s
                                    : record.mode);
    for (auto it = record.manifest.begin(); it != record.manifest.end(); ++it)
        add(label(it.key()), describeField(it.key(), it.value()));
    add(u"Published"_s,
        u"%1 (%2)"_s.arg(humanAgo(record.publishedAt, nowUtc()), localTime(record.publishedAt))
            + (record.publishedBy.isEmpty() ? QString() : u" by "_s + record.publishedBy));
    if (record.yankedAt.isValid()) {
        add(u"Yanked"_s,
            humanAgo(record.yankedAt, nowUtc())
                + (record.yankReason.isEmpty() ? QString() : u": "_s + record.yankReason));
    }
    QStringList findings;
    for (const QJsonValue &finding : record.findings)
        findings.append(finding[u"id"].toString());
    findings.removeDuplicates();
    add(u"Findings"_s, findings.join(u", "_s));
    QStringList names;
    for (const SkillVersionRecord &version : versions)
        names.append(version.yankedAt.isValid() ? version.version + u" (yanked)"_s
                                                : version.version);
    add(u"Versions"_s, names.join(u", "_s));
    if (record.archiveBytes > 0)
        add(u"Archive"_s, humanBytes(record.archiveBytes));
    add(u"Digest"_s, record.digest);
    out.write(table.render(out));

    if (!record.instructions.isEmpty()) {
        out.writeLine();
        out.writeLine(out.foreign(record.instructions));
    }
}

ExitCode show(CliContext &context, const ShowOptions &options)
{
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());
    const QString name = toText(options.name);
    const Result<SkillVersionRecord> record = (*backend)->skill(
        name, toText(options.version));
    if (!record)
        return context.reportError(withSimilarSkills(**backend, record.error(), name));
    if (context.wantsJson())
        return context.printJson(skillJson(*record));

    SkillFilter filter;
    filter.name = name;
    const Result<QList<SkillVersionRecord>> versions = (*backend)->skills(filter);
    if (!versions)
        return context.reportError(versions.error());
    printSkill(context.out(), *record, *versions);
    return ExitCode::Success;
}

} // namespace

void registerSkillShow(CLI::App &skill, CliContext &context)
{
    CLI::App *command = addCommand(skill, context,
                                   {"show", "Show what a published skill is and how to use it", "",
                                    "skillbox skill show word-counter\n"
                                    "skillbox skill show word-counter --version 1.0.0 -o json"},
                                   WorksOn::Backend);
    const auto options = std::make_shared<ShowOptions>();
    addArgument(*command, "NAME", options->name, "A published skill", value::skill);
    addOption(*command, "--version", options->version, "Which version (default: the latest)",
              value::version);
    onChosen(*command, context, [options, &context] { return show(context, *options); });
}

} // namespace skillbox
