#include "app/cli/backend/backend.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/format.h"
#include "app/cli/skill_json.h"
#include "app/cli/table.h"
#include "engine/base/clock.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct SkillListOptions {
    std::string query;
    std::string name;
    bool latest = false;
};

void printTable(Terminal &out, const QList<SkillVersionRecord> &rows)
{
    Table table({{u"NAME"_s},
                 {u"VERSION"_s},
                 {u"LANG"_s},
                 {u"PUBLISHED"_s},
                 {u"DESCRIPTION"_s, Qt::AlignLeft, true}});
    const QDateTime now = nowUtc();
    for (const SkillVersionRecord &row : rows) {
        const bool yanked = row.yankedAt.isValid();
        const Paint paint = yanked ? Paint::Dim : Paint::Plain;
        table.addRow({TableCell(row.name, yanked ? Paint::Dim : Paint::Bold),
                      TableCell(yanked ? row.version + u" (yanked)"_s : row.version, paint),
                      TableCell(row.mode == u"cognitive" ? u"–"_s : row.language, paint),
                      TableCell(humanAgo(row.publishedAt, now), paint),
                      TableCell(row.description, paint)});
    }
    out.write(table.render(out));
}

ExitCode listSkills(CliContext &context, const SkillListOptions &options)
{
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());
    SkillFilter filter;
    filter.name = toText(options.name);
    filter.query = toText(options.query);
    Result<QList<SkillVersionRecord>> rows = (*backend)->skills(filter);
    if (!rows)
        return context.reportError(rows.error());
    if (options.latest)
        rows = Registry::latestOnly(*rows);

    if (context.wantsJson())
        return context.printJson(skillListJson(*rows));
    if (!rows->isEmpty()) {
        printTable(context.out(), *rows);
    } else if (!options.query.empty() || !options.name.empty()) {
        context.note(u"no skill matches"_s);
    } else {
        context.note(u"no skill is published yet; `skillbox skill new hello` makes one to try, "
                     "`skillbox skill push DIR` publishes one"_s);
    }
    return ExitCode::Success;
}

} // namespace

void registerSkillList(CLI::App &skill, CliContext &context)
{
    CLI::App *command = addCommand(
        skill, context,
        {"list", "List published skills, a row per version", "",
         "skillbox skill list --latest            # the newest version of each\n"
         "skillbox skill list --query 'csv chart' # search names, descriptions and instructions\n"
         "skillbox skill list -o json"},
        WorksOn::Backend);
    const auto options = std::make_shared<SkillListOptions>();
    addOption(*command, "-q,--query", options->query,
              "Only skills whose name, description or instructions have these words", value::text);
    addOption(*command, "--name", options->name, "Only versions of this skill", value::skill);
    addFlag(*command, "--latest", options->latest, "Only the newest version of each skill");
    onChosen(*command, context, [options, &context] { return listSkills(context, *options); });
}

} // namespace skillbox
