#pragma once

#include "engine/storage/records.h"

#include <QFrame>
#include <QLabel>
#include <QToolButton>

class QHBoxLayout;
class QVBoxLayout;

namespace skillbox {

/// What is known of a file beside what is in it: a strip of names and values, as many from the left
/// as there is room for. GUI thread.
class ArtifactDetails : public QFrame
{
    Q_OBJECT

public:
    explicit ArtifactDetails(QWidget *parent = nullptr);
    void show(const ExecutionRecord &run, const ArtifactRecord &artifact);
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void runClicked();
    void skillClicked();

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    QLabel *addValue(const QString &title);
    QToolButton *addLink(const QString &title, const QString &name);
    QVBoxLayout *addCell(const QString &title, int indent);
    void fit();

    QHBoxLayout *m_row;
    QList<QWidget *> m_cells; ///< the most telling first

    QLabel *m_size;
    QLabel *m_type;
    QToolButton *m_skill;
    QToolButton *m_run;
    QLabel *m_created;
    QLabel *m_digest;
    QString m_wholeDigest;
};

} // namespace skillbox
