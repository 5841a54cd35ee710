#pragma once

namespace CLI {
class App;
}

namespace skillbox {

class CliContext;

// One function a command, each in the file of its name: it adds the command to its parent.

void registerRun(CLI::App &root, CliContext &context);

void registerSkillNew(CLI::App &skill, CliContext &context);
void registerSkillLint(CLI::App &skill, CliContext &context);
void registerSkillScan(CLI::App &skill, CliContext &context);
void registerSkillTest(CLI::App &skill, CliContext &context);
void registerSkillCapabilities(CLI::App &skill, CliContext &context);
void registerSkillAdd(CLI::App &skill, CliContext &context);
void registerSkillUpdate(CLI::App &skill, CliContext &context);
void registerSkillRemove(CLI::App &skill, CliContext &context);
void registerSkillCheck(CLI::App &skill, CliContext &context);
void registerSkillPackage(CLI::App &skill, CliContext &context);
void registerSkillPull(CLI::App &skill, CliContext &context);
void registerSkillPush(CLI::App &skill, CliContext &context);
void registerSkillList(CLI::App &skill, CliContext &context);
void registerSkillShow(CLI::App &skill, CliContext &context);
void registerSkillYank(CLI::App &skill, CliContext &context);
void registerSkillDelete(CLI::App &skill, CliContext &context);
void registerSkillExport(CLI::App &skill, CliContext &context);
void registerSkillSync(CLI::App &skill, CliContext &context);

void registerRemoteAdd(CLI::App &remote, CliContext &context);
void registerRemoteList(CLI::App &remote, CliContext &context);
void registerRemoteRemove(CLI::App &remote, CliContext &context);
void registerRemoteCheck(CLI::App &remote, CliContext &context);

void registerExecList(CLI::App &exec, CliContext &context);
void registerExecShow(CLI::App &exec, CliContext &context);
void registerExecLogs(CLI::App &exec, CliContext &context);
void registerExecDownload(CLI::App &exec, CliContext &context);
void registerExecCancel(CLI::App &exec, CliContext &context);

void registerImageImport(CLI::App &image, CliContext &context);
void registerImageList(CLI::App &image, CliContext &context);
void registerImageRemove(CLI::App &image, CliContext &context);

void registerServe(CLI::App &root, CliContext &context);
void registerMcp(CLI::App &root, CliContext &context);
void registerLogin(CLI::App &root, CliContext &context);
void registerLogout(CLI::App &root, CliContext &context);
void registerHealth(CLI::App &root, CliContext &context);
void registerKeyCreate(CLI::App &key, CliContext &context);
void registerKeyList(CLI::App &key, CliContext &context);
void registerKeyRevoke(CLI::App &key, CliContext &context);

void registerTenantList(CLI::App &tenant, CliContext &context);
void registerTenantShow(CLI::App &tenant, CliContext &context);
void registerTenantSet(CLI::App &tenant, CliContext &context);

void registerAuditVerify(CLI::App &audit, CliContext &context);
void registerAuditExport(CLI::App &audit, CliContext &context);

void registerAdminExport(CLI::App &admin, CliContext &context);
void registerAdminImport(CLI::App &admin, CliContext &context);
void registerAdminVerify(CLI::App &admin, CliContext &context);
void registerAdminSweep(CLI::App &admin, CliContext &context);

void registerDoctor(CLI::App &root, CliContext &context);
void registerVersion(CLI::App &root, CliContext &context);
void registerCompletion(CLI::App &root, CliContext &context);
void registerHelp(CLI::App &root, CliContext &context);

} // namespace skillbox
