#pragma once

#include "engine/storage/records.h"

#include <QAbstractItemModel>

#include <memory>
#include <vector>

namespace skillbox {

/// Runs and below them their folders and files. GUI thread.
class ArtifactTreeModel : public QAbstractItemModel
{
    Q_OBJECT

public:
    enum class Kind { Run, Folder, File };
    enum Role {
        KindRole = Qt::UserRole + 1,
        NoteRole,   ///< a second line: when, how many, how large
        SearchRole, ///< what a filter looks at
        IconRole,   ///< a name in resources/icons
    };
    /// Which file of which run.
    struct Place {
        ExecutionId run;
        QString path; ///< empty: the run itself
        friend bool operator==(const Place &a, const Place &b)
        {
            return a.run.value == b.run.value && a.path == b.path;
        }
    };

    explicit ArtifactTreeModel(QObject *parent = nullptr);
    ~ArtifactTreeModel() override;

    /// Newest first.
    void setRuns(const QList<ExecutionRecord> &runs);
    void appendRuns(const QList<ExecutionRecord> &runs);
    /// Where it belongs by its time; nothing happens if it is there already.
    void insertRun(const ExecutionRecord &run);
    const QList<ExecutionRecord> &runs() const { return m_runs; }

    const ExecutionRecord *run(const QModelIndex &index) const;
    /// nullptr: it is no file.
    const ArtifactRecord *artifact(const QModelIndex &index) const;
    /// All files below a run or folder, or the file itself.
    QList<ArtifactRecord> artifactsBelow(const QModelIndex &index) const;
    Place place(const QModelIndex &index) const;
    QModelIndex find(const Place &place) const;

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &child) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;

private:
    struct Node;
    Node *nodeOf(const QModelIndex &index) const;
    QModelIndex indexOf(const Node *node) const;
    std::unique_ptr<Node> makeRun(int run) const;
    const ExecutionRecord &runOf(const Node *node) const;
    QString runNote(const ExecutionRecord &run) const;

    QList<ExecutionRecord> m_runs;
    std::unique_ptr<Node> m_root;
};

/// `today 14:03`, `yesterday 9:10`, `3 Mar 2026 9:10`, by this machine's clock and habits.
QString friendlyMoment(const QDateTime &moment);

} // namespace skillbox
