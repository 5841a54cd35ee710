#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/format.h"
#include "app/cli/image_json.h"
#include "app/cli/table.h"
#include "engine/base/clock.h"
#include "engine/engine.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// As much of a digest as people compare.
QString shortDigest(const QString &digest)
{
    return digest.sliced(digest.indexOf(u':') + 1).first(12);
}

void printTable(Terminal &out, const QList<ImageRecord> &images)
{
    Table table({{u"NAME"_s, Qt::AlignLeft, true},
                 {u"DIGEST"_s},
                 {u"ARCH"_s},
                 {u"SIZE"_s, Qt::AlignRight},
                 {u"CREATED"_s},
                 {u"IMPORTED"_s}});
    const QDateTime now = nowUtc();
    for (const ImageRecord &image : images) {
        table.addRow({TableCell(image.name, Paint::Bold), TableCell(shortDigest(image.digest)),
                      TableCell(image.architecture.isEmpty() ? u"–"_s : image.architecture),
                      TableCell(humanBytes(image.sizeBytes)),
                      TableCell(image.created.isValid() ? humanAgo(image.created, now) : u"–"_s),
                      TableCell(humanAgo(image.importedAt, now))});
    }
    out.write(table.render(out));
}

ExitCode listImages(CliContext &context)
{
    const Result<Engine *> engine = context.engine();
    if (!engine)
        return context.reportError(engine.error());
    const Result<QList<ImageRecord>> images = (*engine)->images().list();
    if (!images)
        return context.reportError(images.error());
    if (context.wantsJson()) {
        JsonWriter json;
        json.beginArray();
        for (const ImageRecord &image : *images) {
            json.beginObject();
            writeImageMembers(json, image);
            json.endObject();
        }
        json.endArray();
        return context.printJson(json.bytes());
    }
    if (images->isEmpty()) {
        context.note(u"no image is imported; skills run with the interpreters of this machine"_s);
        return ExitCode::Success;
    }
    printTable(context.out(), *images);
    return ExitCode::Success;
}

} // namespace

void registerImageList(CLI::App &image, CliContext &context)
{
    CLI::App *command = addCommand(image, context,
                                   {"list", "List imported images", "",
                                    "skillbox image list\n"
                                    "skillbox image list -o json"});
    onChosen(*command, context, [&context] { return listImages(context); });
}

} // namespace skillbox
