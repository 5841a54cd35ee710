#pragma once

#include "app/desktop/shell/page.h"
#include "engine/storage/records.h"

class QTreeWidget;

namespace skillbox {

class StateView;

/// The files that a run left, with the way to see and save them.
class RunFilesPanel : public QWidget
{
    Q_OBJECT

public:
    explicit RunFilesPanel(const Desk &desk, QWidget *parent = nullptr);
    void show(const ExecutionRecord &record);
    void applyTheme(const Theme &theme);

private:
    void showChosen();
    void saveChosen();
    void saveAll();
    void copyTo(const ArtifactRecord &artifact, const QString &path);

    Desk m_desk;
    ExecutionId m_id;
    QList<ArtifactRecord> m_artifacts;
    QTreeWidget *m_files;
    StateView *m_state;
};

} // namespace skillbox
