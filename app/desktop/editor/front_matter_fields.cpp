#include "app/desktop/editor/front_matter_fields.h"

#include <QCoreApplication>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString help(const char *text)
{
    return QCoreApplication::translate("FrontMatterFields", text);
}

/// The two spellings of a field of the runtime.
void addRuntimeField(QList<FrontMatterField> &fields, const QString &top, const QString &text,
                     const QStringList &values, bool namesFile = false)
{
    const bool isResource = top == "cpu"_L1 || top == "memory"_L1;
    fields.append({top, isResource ? u"resources"_s : QString(), text, values, false, namesFile});
    fields.append({u"skillbox."_s + top, u"metadata"_s, text, values, false, namesFile});
}

QList<FrontMatterField> makeFields()
{
    QList<FrontMatterField> fields{
        {u"name"_s, {}, help("The skill's name: 1–64 of a–z, 0–9 and single hyphens between them. "
                             "It should be the folder's name too."), {}},
        {u"description"_s, {}, help("What the skill does and when to use it, at most 1024 "
                                    "characters. It is what an agent chooses by."), {}},
        {u"license"_s, {}, help("The licence: an SPDX identifier, or the name of a file in the "
                                "skill."), commonLicenses()},
        {u"compatibility"_s, {}, help("What the skill needs of its surroundings, at most 500 "
                                      "characters."), {}},
        {u"allowed-tools"_s, {}, help("Tools that an agent may use with this skill. It is shown; "
                                      "it never widens the sandbox."), {}},
        {u"version"_s, {}, help("A semantic version. Absent: 1.0.0."), {u"1.0.0"_s}},
        {u"metadata"_s, {}, help("More fields: version, those of this runtime (skillbox.*), and "
                                 "any of your own."), {}, true},
        {u"version"_s, u"metadata"_s, help("A semantic version. Absent: 1.0.0."), {u"1.0.0"_s}},
        {u"resources"_s, {}, help("What a run may use at most: cpu and memory."), {}, true},
    };
    addRuntimeField(fields, u"lang"_s,
                    help("The language of the script that is run. Absent: by its extension."),
                    {u"python"_s, u"node"_s, u"bash"_s});
    addRuntimeField(fields, u"entrypoint"_s,
                    help("The script that is run, a path in the skill. Absent: main.py, run.py, "
                         "main.js, run.js, index.js, main.mjs, main.sh or run.sh, in the root or "
                         "in scripts/."),
                    {}, true);
    addRuntimeField(fields, u"timeout"_s,
                    help("How long a run may take: 60s, 1m30s, 1.5s, 100ms. A bare number is "
                         "seconds. The server may lower it."),
                    {u"10s"_s, u"30s"_s, u"60s"_s, u"2m"_s, u"5m"_s});
    addRuntimeField(fields, u"memory"_s,
                    help("How much memory a run may use: 256Mi, 1Gi, or bytes."),
                    {u"128Mi"_s, u"256Mi"_s, u"512Mi"_s, u"1Gi"_s});
    addRuntimeField(fields, u"cpu"_s,
                    help("How many processor cores a run may use: 0.5, 1, 2, 500m."),
                    {u"0.5"_s, u"1"_s, u"2"_s});
    addRuntimeField(fields, u"image"_s,
                    help("The environment that the script runs in. Absent: this machine's "
                         "interpreter."),
                    {u"python:3.12-slim"_s, u"python:3.11-slim"_s, u"node:20-slim"_s,
                     u"node:18-slim"_s, u"bash:5"_s});
    addRuntimeField(fields, u"mode"_s,
                    help("executable: it has a script to run; cognitive: instructions only. "
                         "Absent: executable if there is a script."),
                    {u"executable"_s, u"cognitive"_s});
    fields.append({u"skillbox.capabilities"_s, u"metadata"_s,
                   help("What the code does besides computing: network, subprocess, files, env or "
                        "env:NAME. For people and for the checker; it gives no rights."),
                   {u"network"_s, u"subprocess"_s, u"files"_s, u"env"_s}});
    return fields;
}

} // namespace

const QList<FrontMatterField> &frontMatterFields()
{
    static const QList<FrontMatterField> fields = makeFields();
    return fields;
}

const FrontMatterField *findFrontMatterField(const QString &parent, const QString &key)
{
    for (const FrontMatterField &field : frontMatterFields()) {
        if (field.parent == parent && field.key == key)
            return &field;
    }
    return nullptr;
}

const QStringList &commonLicenses()
{
    static const QStringList licenses{
        u"MIT"_s,          u"Apache-2.0"_s,       u"BSD-2-Clause"_s, u"BSD-3-Clause"_s,
        u"ISC"_s,          u"MPL-2.0"_s,          u"GPL-2.0-only"_s, u"GPL-3.0-only"_s,
        u"GPL-3.0-or-later"_s, u"LGPL-3.0-only"_s, u"AGPL-3.0-only"_s, u"CC0-1.0"_s,
        u"CC-BY-4.0"_s,    u"Unlicense"_s,        u"Zlib"_s};
    return licenses;
}

} // namespace skillbox
