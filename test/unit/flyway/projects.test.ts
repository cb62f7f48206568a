import assert from 'node:assert/strict';
import { findProjects, type FlywayProject } from '../../../src/core/flyway/find-projects';
import { MemoryFiles } from './memory-files';

describe('projects of a workspace', () => {
  const find = (files: Record<string, string>, environment = {}, override: string[] = []): Promise<FlywayProject[]> =>
    findProjects(new MemoryFiles(files), '/w', environment, override);
  const folders = async (...args: Parameters<typeof find>): Promise<string[]> =>
    (await find(...args)).flatMap((project) => project.migrationFolders);

  it('takes the default places, and folders of common names only with migrations in them', async () => {
    assert.deepEqual(await folders({ '/w/src/main/resources/db/migration/readme.txt': '' }), [
      '/w/src/main/resources/db/migration',
    ]);
    assert.deepEqual(await folders({ '/w/sql/queries.sql': '' }), []);
    assert.deepEqual(await folders({ '/w/sql/V1__x.sql': '' }), ['/w/sql']);
    assert.deepEqual(await folders({ '/w/flyway.toml': '[flyway]\nmixed = true', '/w/sql/queries.sql': '' }), [
      '/w/sql',
    ]);
  });

  it('knows where each value comes from, and that the setting outranks them all', async () => {
    const files = { '/w/flyway.conf': 'flyway.locations=filesystem:a', '/w/a/x.sql': '', '/w/b/x.sql': '' };
    const [project] = await find(files);
    assert.deepEqual(project?.config.locations, { value: ['filesystem:a'], from: '/w/flyway.conf' });
    const [byEnvironment] = await find(files, { FLYWAY_LOCATIONS: 'filesystem:b' });
    assert.deepEqual(byEnvironment?.config.locations, {
      value: ['filesystem:b'],
      from: 'environment variable FLYWAY_LOCATIONS',
    });
    const [bySetting] = await find(files, { FLYWAY_LOCATIONS: 'filesystem:b' }, ['filesystem:a,filesystem:b']);
    assert.deepEqual(bySetting?.config.locations, {
      value: ['filesystem:a', 'filesystem:b'],
      from: 'the setting dbOps.flyway.locations',
    });
  });

  it('reads no conf where there is a toml, and says so', async () => {
    const [project] = await find({
      '/w/flyway.toml': '[flyway]\nlocations = ["filesystem:a"]\n[flyway.placeholders]\nOwner = "app"',
      '/w/flyway.user.toml': '[flyway]\nsqlMigrationPrefix = "M"',
      '/w/flyway.conf': 'flyway.sqlMigrationSeparator=-\nflyway.locations=filesystem:b',
      '/w/a/M1__x.sql': '',
    });
    assert.deepEqual(project?.migrationFolders, ['/w/a']);
    assert.equal(project.config.naming.versionedPrefix, 'M');
    assert.equal(project.config.naming.separator, '__');
    assert.equal(project.config.placeholders.get('owner'), 'app');
    assert.match(project.problems.join(), /flyway\.conf is ignored/);
  });

  it('says where a file is broken, and goes on', async () => {
    const broken = await find({ '/w/flyway.toml': '[flyway\n', '/w/sql/V1__x.sql': '' });
    assert.match(broken[0]?.problems.join() ?? '', /\/w\/flyway\.toml: Invalid TOML/);
    const yaml = await find({
      '/w/src/main/resources/application.yml': 'a: [1\nb: }',
      '/w/src/main/resources/db/migration/V1__x.sql': '',
    });
    assert.match(yaml[0]?.problems.join() ?? '', /application\.yml: /);
    assert.deepEqual(yaml[0]?.migrationFolders, ['/w/src/main/resources/db/migration']);
    const nowhere = await find({ '/w/flyway.conf': 'flyway.locations=filesystem:gone' });
    assert.match(nowhere[0]?.problems.join() ?? '', /None of the locations filesystem:gone \(from \/w\/flyway\.conf\)/);
  });

  describe('of Spring Boot', () => {
    const resources = '/w/src/main/resources';
    const migrations = { [`${resources}/a/V1.sql`]: '', [`${resources}/b/V1.sql`]: '' };
    const locations = async (files: Record<string, string>, environment = {}): Promise<readonly string[]> =>
      (await find({ ...migrations, ...files }, environment))[0]?.config.locations.value ?? [];

    it('reads every spelling, lists and defaults', async () => {
      const yaml = (text: string): Record<string, string> => ({ [`${resources}/application.yml`]: text });
      const properties = (text: string): Record<string, string> => ({ [`${resources}/application.properties`]: text });
      assert.deepEqual(await locations(yaml('spring.flyway.locations: classpath:a, classpath:b')), [
        'classpath:a',
        'classpath:b',
      ]);
      assert.deepEqual(await locations(yaml('spring: {flyway: {locations: ["classpath:${WHERE:a}"]}}')), [
        'classpath:a',
      ]);
      assert.deepEqual(
        await locations(yaml('spring: {flyway: {locations: ["classpath:${WHERE:a}"]}}'), { WHERE: 'b' }),
        ['classpath:b'],
      );
      assert.deepEqual(
        await locations(properties('spring.flyway.locations[0]=classpath:a\nspring.flyway.locations[1]=classpath:b')),
        ['classpath:a', 'classpath:b'],
      );
      const [named] = await find({
        ...migrations,
        ...properties('spring.flyway.sql-migration-prefix=M\nspring.flyway.sqlMigrationSeparator=-'),
      });
      assert.deepEqual([named?.config.naming.versionedPrefix, named?.config.naming.separator], ['M', '-']);
    });

    it('counts only documents and files of active profiles', async () => {
      const files = {
        [`${resources}/application.yml`]:
          'spring: {flyway: {locations: "classpath:a"}}\n---\nspring:\n  config.activate.on-profile: dev\n  flyway.locations: classpath:b\n',
        [`${resources}/application-test.properties`]: 'spring.flyway.locations=classpath:c',
      };
      assert.deepEqual(await locations(files), ['classpath:a']);
      assert.deepEqual(await locations(files, { SPRING_PROFILES_ACTIVE: 'dev' }), ['classpath:b']);
      assert.deepEqual(await locations(files, { SPRING_PROFILES_ACTIVE: 'dev,test' }), ['classpath:c']);
      assert.deepEqual(await locations(files, { SPRING_FLYWAY_LOCATIONS: 'classpath:d' }), ['classpath:d']);
    });

    it('looks into the modules beside it', async () => {
      assert.deepEqual(
        await folders({
          '/w/app/src/main/resources/application.yml': 'spring.flyway.locations: classpath:changes',
          '/w/db/src/main/resources/changes/V1__x.sql': '',
        }),
        ['/w/db/src/main/resources/changes'],
      );
    });
  });

  it('reads the sections of Maven and Gradle, without what is commented out', async () => {
    const pom = `<project><properties><flyway.sqlMigrationSeparator>-</flyway.sqlMigrationSeparator><dir>changes</dir></properties>
      <!-- <plugin><artifactId>flyway-maven-plugin</artifactId><location>filesystem:old</location></plugin> -->
      <build><plugins><plugin><artifactId>flyway-maven-plugin</artifactId><configuration>
      <locations><location>filesystem:\${project.basedir}/\${dir}</location></locations>
      <placeholders><owner>app</owner></placeholders><encoding>ISO-8859-1</encoding></configuration></plugin></plugins></build></project>`;
    const [maven] = await find({ '/w/pom.xml': pom, '/w/changes/V1-x.sql': '' });
    assert.deepEqual(maven?.migrationFolders, ['/w/changes']);
    assert.equal(maven.config.naming.separator, '-');
    assert.equal(maven.config.encoding, 'ISO-8859-1');
    assert.equal(maven.config.placeholders.get('owner'), 'app');
    const kotlin = `plugins { id("org.flywaydb.flyway") }
      // flyway { locations = arrayOf("filesystem:old") }
      flyway {
        configurations { x }
        locations = arrayOf("filesystem:\${projectDir}/changes")
        validateMigrationNaming = true
      }`;
    const [gradle] = await find({ '/w/build.gradle.kts': kotlin, '/w/changes/V1__x.sql': '' });
    assert.deepEqual(gradle?.migrationFolders, ['/w/changes']);
    assert.equal(gradle.config.validateMigrationNaming, true);
  });

  it('resolves wildcards, dots and absolute paths, and passes over what is no folder', async () => {
    const files = { '/w/a/x/sql/V1.sql': '', '/w/a/y/z/sql/V1.sql': '', '/w/b/V1.sql': '', '/other/V1.sql': '' };
    const at = (location: string): Promise<string[]> =>
      folders({ ...files, '/w/flyway.conf': `flyway.locations=${location}` });
    assert.deepEqual(await at('filesystem:a/*/sql'), ['/w/a/x/sql']);
    assert.deepEqual(await at('filesystem:a/**/sql'), ['/w/a/x/sql', '/w/a/y/z/sql']);
    assert.deepEqual(await at('filesystem:?'), ['/w/a', '/w/b']);
    assert.deepEqual(await at('filesystem:./a/../b'), ['/w/b']);
    assert.deepEqual(await at('filesystem:/other,s3:bucket/x'), ['/other']);
    assert.deepEqual(await at('filesystem:a,filesystem:a/x/sql'), ['/w/a']);
  });
});
